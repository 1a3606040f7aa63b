#include "dcrf/actors/cluster/internal/command_service.hpp"

#include "dcrf/actors/cluster/internal/codec.hpp"
#include "dcrf/actors/cluster/internal/exchange_testing.hpp"
#include "dcrf/actors/internal/actors_testing.hpp"

#include <functional>

namespace dcrf::cluster::command_service_tests {

namespace {

using actors_test::count_topics;
using actors_test::create_topic;

// The thread and the actor that a service needs.
class service_actor final : public pinned_actor {
public:
  using pinned_actor::pinned_actor;

  caf::behavior make_behavior() override {
    set_default_handler(caf::drop);
    return {[](caf::unit_t) {}};
  }
};

struct answer {
  std::uint64_t id = 0;
  store_result result;
};

struct commands_fixture {
  commands_fixture() {
    auto handle = spawn_pinned<service_actor>(here.thread);
    actor = caf::actor_cast<caf::actor>(handle);
    nodes.self.fingerprint = nodes.b->who.fingerprint = 5;
    service.emplace(*caf::actor_cast<service_actor*>(handle), nodes.others, nodes.self, models,
                    &here.store,
                    [this](std::function<void()> done) { announced = std::move(done); });
    nodes.others.sender(caf::actor_cast<caf::strong_actor_ptr>(actor));
  }

  ~commands_fixture() {
    here.on_thread([this] { nodes.others.clear(); });
    caf::anon_send_exit(actor, caf::exit_reason::kill);
    actor = nullptr;
    here.on_thread([] {});
  }

  answer ask(const std::vector<char>& bytes) {
    here.on_thread([&] {
      byte_reader in{bytes};
      service->execute(*nodes.b, in);
    });
    auto said = nodes.get(topic::result);
    byte_reader in{said};
    answer result;
    std::uint64_t version = 0;
    in.number(result.id);
    in.number(version);
    result.result = read_store_result(in);
    return result;
  }

  answer ask(const command& x) {
    byte_writer out;
    out.number(9);
    write(out, x);
    return ask(bytes_of(std::move(out)));
  }

  std::uint64_t begin() { return ask(command{begin_command{}, 0}).result.transaction; }

  std::size_t open() {
    return here.on_thread([this] { return nodes.b->transactions.size(); });
  }

  actors_test::node here;
  schema models = schema::of<actors_test::topic, actors_test::entry>();
  linked_nodes nodes{here.system};
  caf::actor actor;
  std::optional<command_service> service;
  // Is called when all is announced that was committed.
  std::function<void()> announced;
};

} // namespace

TEST_CASE_METHOD(commands_fixture, "a command of another node is executed and answered",
                 "[cluster][commands]") {
  auto created = ask(create_topic("one"));
  CHECK(created.id == 9);
  CHECK_FALSE(created.result.error);
  CHECK(created.result.rows.size() == 1);
  CHECK(ask(count_topics()).result.count == 1);
}

TEST_CASE_METHOD(commands_fixture, "a node with other models is refused", "[cluster][commands]") {
  nodes.b->who.fingerprint = 6;
  auto refused = ask(create_topic("one"));
  CHECK(refused.id == 9);
  REQUIRE(refused.result.error);
  CHECK(refused.result.error->code == store_errc::unavailable);
}

TEST_CASE_METHOD(commands_fixture, "a command that makes no sense is answered, too",
                 "[cluster][commands]") {
  byte_writer out;
  out.number(9);
  out.byte(200);
  auto refused = ask(bytes_of(std::move(out)));
  CHECK(refused.id == 9);
  REQUIRE(refused.result.error);
  CHECK(refused.result.error->code == store_errc::failed);
}

TEST_CASE_METHOD(commands_fixture, "transactions of a node that is lost are rolled back",
                 "[cluster][commands]") {
  auto transaction = begin();
  CHECK(open() == 1);
  CHECK_FALSE(ask(create_topic("one", transaction)).result.error);
  here.on_thread([this] { service->lost(*nodes.b); });
  CHECK(ask(count_topics()).result.count == 0);
}

TEST_CASE_METHOD(commands_fixture, "a transaction that is committed is not open any more",
                 "[cluster][commands]") {
  auto transaction = begin();
  CHECK_FALSE(ask(create_topic("one", transaction)).result.error);
  CHECK_FALSE(ask(command{commit_command{}, transaction}).result.error);
  CHECK(open() == 0);
  CHECK(ask(count_topics()).result.count == 1);
}

TEST_CASE_METHOD(commands_fixture, "a transaction of somebody else is none",
                 "[cluster][commands]") {
  auto refused = ask(create_topic("one", 77));
  REQUIRE(refused.result.error);
  CHECK(refused.result.error->code == store_errc::no_transaction);
}

TEST_CASE_METHOD(commands_fixture,
                 "a node that wants to catch up is answered when all is announced",
                 "[cluster][commands]") {
  byte_writer out;
  out.number(4);
  auto bytes = bytes_of(std::move(out));
  auto ask_and_announce = [&] {
    here.on_thread([&] {
      byte_reader in{bytes};
      service->catch_up(*nodes.b, in);
      REQUIRE(announced);
      CHECK(nodes.has_said_nothing());
      announced();
    });
  };
  ask_and_announce();
  auto said = nodes.get(topic::caught_up);
  byte_reader in{said};
  std::uint64_t number = 0;
  in.number(number);
  CHECK(number == 4);
  // Or not at all, if it is lost.
  nodes.b->is_linked = false;
  ask_and_announce();
  CHECK(nodes.has_said_nothing());
}

} // namespace dcrf::cluster::command_service_tests
