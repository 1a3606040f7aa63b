// An actor of an application that works with those of the library: it asks a repository, watches a
// group, and sends to sessions. docs/composing.md explains it.

#include "dcrf/actors/composing.hpp"

#include "dcrf/actors/node.hpp"
#include "dcrf/actors/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <caf/atom.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include "composing/kitchen.hpp"

namespace kitchen {

using watch_atom = caf::atom_constant<caf::atom("watch")>;
using order_atom = caf::atom_constant<caf::atom("order")>;

// [interface]
// The waiter of one table.
using waiter_actor = caf::typed_actor<
    // Starts to watch the table; answers when no order is missed any more.
    caf::replies_to<watch_atom>::with<bool>,
    // Stores an order and answers with its key.
    caf::replies_to<order_atom, std::string>::with<std::int64_t>,
    // What a watched group sends.
    caf::reacts_to<dcrf::group_message_ptr>>;
// [interface]

// [class]
class waiter : public waiter_actor::base {
public:
  waiter(caf::actor_config& config, const dcrf::server& server, std::int64_t table)
      : waiter_actor::base(config),
        server_(server),
        orders_(server.repository<order>()),
        groups_(server.groups()),
        table_(table) {}

  behavior_type make_behavior() override;

private:
  caf::result<bool> watch();
  caf::result<std::int64_t> store(std::string dish);
  void tell_everybody(const dcrf::group_message_ptr& event);

  const dcrf::server& server_;
  dcrf::repository_actor orders_;
  dcrf::group_actor groups_;
  std::int64_t table_;
};
// [class]

// [behavior]
waiter::behavior_type waiter::make_behavior() {
  // The repositories end when the server stops, and this actor with them.
  monitor(orders_);
  set_down_handler([this](const caf::down_msg&) { quit(); });
  return {
      [this](watch_atom) { return watch(); },
      [this](order_atom, std::string& dish) { return store(std::move(dish)); },
      [this](const dcrf::group_message_ptr& event) { tell_everybody(event); },
  };
}
// [behavior]

// [group]
caf::result<bool> waiter::watch() {
  auto promise = make_response_promise<bool>();
  request(groups_, caf::infinite, dcrf::join_group{dcrf::group_of<orders_of_table>(table_)})
      .then([promise](bool is_member) mutable { promise.deliver(is_member); },
            [promise](caf::error& error) mutable { promise.deliver(std::move(error)); });
  return promise;
}
// [group]

// [repository]
caf::result<std::int64_t> waiter::store(std::string dish) {
  auto promise = make_response_promise<std::int64_t>();
  order ordered{.table = table_, .dish = std::move(dish)};
  request(orders_, caf::infinite, dcrf::commands<order>::create(ordered))
      .then(
          [promise](const dcrf::store_result& answer) mutable {
            if (answer.error) {
              promise.deliver(caf::make_error(caf::sec::runtime_error, answer.error->text));
            } else {
              promise.deliver(dcrf::rows_of<order>(answer).front().id);
            }
          },
          [promise](caf::error& error) mutable { promise.deliver(std::move(error)); });
  return promise;
}
// [repository]

// [sessions]
void waiter::tell_everybody(const dcrf::group_message_ptr& event) {
  dcrf::json frame{{"table", table_},
                   {"event", dcrf::to_string(event->kind)},
                   {"order", dcrf::to_string(event->key)}};
  for (const auto& session : server_.sessions()) {
    send(session, dcrf::send_frame{frame});
  }
}
// [sessions]

// -- the test -------------------------------------------------------------------------------------

namespace net = boost::asio;
namespace beast = boost::beast;
using tcp = net::ip::tcp;

class browser {
public:
  explicit browser(std::uint16_t port) {
    stream_.next_layer().connect({net::ip::address_v4::loopback(), port});
    stream_.handshake("127.0.0.1:" + std::to_string(port), "/ws/");
  }

  dcrf::json read() {
    beast::flat_buffer buffer;
    stream_.read(buffer);
    return dcrf::json::parse(beast::buffers_to_string(buffer.data()));
  }

private:
  net::io_context context_;
  beast::websocket::stream<tcp::socket> stream_{context_};
};

// What an actor answers.
template <class Result, class Handle, class... Message>
caf::expected<Result> ask(caf::scoped_actor& self, const Handle& whom, const Message&... message) {
  caf::expected<Result> result{caf::none};
  self->request(whom, std::chrono::seconds{20}, message...)
      .receive([&](Result& x) { result = std::move(x); },
               [&](caf::error& x) { result = std::move(x); });
  return result;
}

TEST_CASE("an own actor asks a repository, watches a group and sends to sessions") {
  dcrf::actor_system_config config;
  config.port = 0;
  config.database = "sqlite://:memory:";
  // [start]
  caf::actor_system system{config};
  dcrf::server server{system};
  server.models<order>();
  server.websocket<order_consumer>("/ws/");
  REQUIRE_FALSE(server.start());
  waiter_actor at_seven = system.spawn<waiter>(std::ref(server), 7);
  // [start]
  waiter_actor at_eight = system.spawn<waiter>(std::ref(server), 8);
  caf::scoped_actor self{system};
  CHECK(ask<bool>(self, at_seven, watch_atom::value) == true);
  browser guest{server.port()};

  auto elsewhere = ask<std::int64_t>(self, at_eight, order_atom::value, std::string{"water"});
  auto ordered = ask<std::int64_t>(self, at_seven, order_atom::value, std::string{"soup"});
  REQUIRE(elsewhere);
  REQUIRE(ordered);
  CHECK(guest.read()
        == dcrf::json{{"table", 7}, {"event", "create"}, {"order", std::to_string(*ordered)}});

  auto repository = server.repository<order>();
  auto all = ask<dcrf::store_result>(self, repository, dcrf::commands<order>::count({}));
  CHECK(all->count == 2);
  auto gone = ask<dcrf::store_result>(self, repository, dcrf::commands<order>::remove(*ordered));
  CHECK_FALSE(gone->error);
  auto missing = ask<dcrf::store_result>(self, repository, dcrf::commands<order>::get(*ordered));
  REQUIRE(missing);
  REQUIRE(missing->error);
  CHECK(missing->error->code == dcrf::store_errc::not_found);
  CHECK(guest.read()["event"] == "delete");

  // [stop]
  server.stop();
  self->wait_for(at_seven, at_eight);
  // [stop]
}

TEST_CASE("a server that is no node has handles to what is its own") {
  dcrf::actor_system_config config;
  config.port = 0;
  config.database = "sqlite://:memory:";
  caf::actor_system system{config};
  dcrf::server server{system};
  server.models<order>();
  server.websocket<order_consumer>("/ws/");
  REQUIRE_FALSE(server.start());
  caf::scoped_actor self{system};
  browser guest{server.port()};
  dcrf::node here{server};
  CHECK(here.name().empty());
  CHECK(here.others().empty());

  auto found = ask<dcrf::session_list>(self, here.sessions(), dcrf::list_sessions{});
  REQUIRE(found);
  REQUIRE(found->numbers.size() == 1);
  auto number = found->numbers.front();
  dcrf::send_to_session hello{number, dcrf::json("hello")};
  CHECK(ask<bool>(self, here.sessions(), hello) == true);
  CHECK(guest.read() == "hello");
  dcrf::send_to_session nobody{number + 1000, dcrf::json("hello")};
  CHECK(ask<bool>(self, here.sessions(), nobody) == false);
  CHECK(ask<bool>(self, here.sessions(), dcrf::close_one_session{number, 4000}) == true);
  CHECK_THROWS_AS(guest.read(), boost::system::system_error);

  auto ordered = dcrf::commands<order>::create(order{.table = 7, .dish = "soup"});
  CHECK(ask<dcrf::store_result>(self, here.repository<order>(), ordered)->rows.size() == 1);
  CHECK_THROWS_AS(here.repository<order>("a"), std::invalid_argument);
  CHECK_THROWS_AS(here.sessions("a"), std::invalid_argument);
  server.stop();
}

} // namespace kitchen
