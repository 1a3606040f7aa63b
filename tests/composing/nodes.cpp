// An actor of an application that works with those of all nodes, and a program around it that does
// what its standard input says. docs/composing.md explains it, tests/cluster/test_composing.py runs
// it.

#include "dcrf/actors/composing.hpp"
#include "dcrf/actors/node.hpp"
#include "dcrf/actors/server.hpp"

#include <caf/atom.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>

#include "composing/kitchen.hpp"

namespace kitchen {

using order_atom = caf::atom_constant<caf::atom("order")>;
using tell_atom = caf::atom_constant<caf::atom("tell")>;
using watch_atom = caf::atom_constant<caf::atom("watch")>;

// [interface]
using head_waiter_actor = caf::typed_actor<
    // Stores an order in the database of a node and answers with its key.
    caf::replies_to<order_atom, std::string, std::string>::with<std::int64_t>,
    // Sends text to the browsers of a node and answers with their number.
    caf::replies_to<tell_atom, std::string, std::string>::with<std::uint64_t>,
    // Starts to watch table 7, and what the staff says, on all nodes.
    caf::replies_to<watch_atom>::with<bool>, caf::reacts_to<dcrf::group_message_ptr>>;
// [interface]

// [class]
class head_waiter : public head_waiter_actor::base {
public:
  head_waiter(caf::actor_config& config, const dcrf::server& server)
      : head_waiter_actor::base(config), here_(server) {}

  behavior_type make_behavior() override;

private:
  caf::result<std::int64_t> store(const std::string& node, std::string dish);
  caf::result<std::uint64_t> tell(const std::string& node, const std::string& text);
  caf::result<bool> watch();

  dcrf::node here_;
};
// [class]

void say(const dcrf::json& x) {
  std::printf("%s\n", x.dump().c_str());
  std::fflush(stdout);
}

head_waiter::behavior_type head_waiter::make_behavior() {
  return {
      [this](order_atom, std::string& node, std::string& dish) {
        return store(node, std::move(dish));
      },
      [this](tell_atom, std::string& node, std::string& text) { return tell(node, text); },
      [this](watch_atom) { return watch(); },
      [](const dcrf::group_message_ptr& x) {
        if (x->is_loss) {
          say({{"lost", x->target.key}});
        } else if (x->target.observer != nullptr) {
          say({{"event", dcrf::to_string(x->kind)}, {"order", dcrf::to_string(x->key)}});
        } else {
          say({{"said", x->body().to_json()}});
        }
      },
  };
}

// [repository]
caf::result<std::int64_t> head_waiter::store(const std::string& node, std::string dish) {
  auto promise = make_response_promise<std::int64_t>();
  order ordered{.table = 7, .dish = std::move(dish)};
  request(here_.repository<order>(node), caf::infinite, dcrf::commands<order>::create(ordered))
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
caf::result<std::uint64_t> head_waiter::tell(const std::string& node, const std::string& text) {
  auto promise = make_response_promise<std::uint64_t>();
  auto sessions = here_.sessions(node);
  request(sessions, caf::infinite, dcrf::list_sessions{})
      .then(
          [promise, sessions, text](const dcrf::session_list& found) mutable {
            for (auto number : found.numbers) {
              caf::anon_send(sessions, dcrf::send_to_session{number, dcrf::json(text)});
            }
            promise.deliver(std::uint64_t{found.numbers.size()});
          },
          [promise](caf::error& error) mutable { promise.deliver(std::move(error)); });
  return promise;
}
// [sessions]

// [groups]
caf::result<bool> head_waiter::watch() {
  auto promise = make_response_promise<bool>();
  auto failed = [promise](caf::error& error) mutable { promise.deliver(std::move(error)); };
  auto joined = [promise](bool is_member) mutable { promise.deliver(is_member); };
  auto staff = dcrf::join_group{dcrf::group_name{nullptr, "staff"}};
  request(here_.groups(), caf::infinite, dcrf::join_group{dcrf::group_of<orders_of_table>(7)})
      .then([this, staff, joined,
             failed](bool) { request(here_.groups(), caf::infinite, staff).then(joined, failed); },
            failed);
  return promise;
}
// [groups]

// What an actor answers, or why it does not.
template <class Result, class... Message>
void ask(caf::scoped_actor& self, const head_waiter_actor& whom, const Message&... message) {
  self->request(whom, caf::infinite, message...)
      .receive([](const Result& x) { say({{"answer", x}}); },
               [&](const caf::error& x) { say({{"error", self->system().render(x)}}); });
}

// Does what the lines of the standard input say, until it ends.
void serve(caf::scoped_actor& self, const dcrf::server& server, const head_waiter_actor& waiter) {
  // [presence]
  dcrf::node here{server};
  dcrf::presence_entry entered;
  auto enter = [&](const std::string& name) {
    entered = here.presence("kitchen").enter(dcrf::json(name));
  };
  auto people = [&] {
    auto result = dcrf::json::array();
    for (const auto& who : here.presence("kitchen").list()) {
      result.push_back(who.to_json());
    }
    return result;
  };
  // [presence]
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words{line};
    std::string what;
    std::string first;
    std::string second;
    words >> what >> first >> second;
    if (what == "order") {
      ask<std::int64_t>(self, waiter, order_atom::value, first, second);
    } else if (what == "tell") {
      ask<std::uint64_t>(self, waiter, tell_atom::value, first, second);
    } else if (what == "watch") {
      ask<bool>(self, waiter, watch_atom::value);
    } else if (what == "say") {
      here.group_send("staff", dcrf::json(first));
    } else if (what == "enter") {
      enter(first);
    } else if (what == "people") {
      say({{"answer", people()}});
    }
  }
}

struct kitchen_config : dcrf::actor_system_config {
  kitchen_config() {
    opt_group{custom_options_, "global"}.add(ticks, "ticks", "say so ten times a second");
  }

  bool ticks = false;
};

int run(int argc, char** argv) {
  kitchen_config config;
  if (auto error = config.parse(argc, argv)) {
    std::fprintf(stderr, "error: %s\n", dcrf::actor_system_config::render(error).c_str());
    return 1;
  }
  caf::actor_system system{config};
  dcrf::server server{system};
  server.models<order>();
  server.websocket<order_consumer>("/ws/");
  if (config.ticks) {
    server.every(std::chrono::milliseconds{100}, [](const dcrf::runtime&) -> dcrf::task<> {
      say({{"tick", true}});
      co_return;
    });
  }
  if (auto error = server.start()) {
    std::fprintf(stderr, "error: %s\n", dcrf::actor_system_config::render(error).c_str());
    return 1;
  }
  std::printf("listening on http://%s:%u\n", config.address.c_str(), unsigned{server.port()});
  std::fflush(stdout);
  caf::scoped_actor self{system};
  auto waiter = system.spawn<head_waiter>(server);
  serve(self, server, waiter);
  server.stop();
  self->send_exit(waiter, caf::exit_reason::user_shutdown);
  self->wait_for(waiter);
  return 0;
}

} // namespace kitchen

int main(int argc, char** argv) { return kitchen::run(argc, argv); }
