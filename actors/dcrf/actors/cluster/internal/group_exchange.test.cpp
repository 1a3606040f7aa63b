#include "dcrf/actors/cluster/internal/group_exchange.hpp"

#include "dcrf/actors/cluster/internal/codec.hpp"
#include "dcrf/actors/cluster/internal/exchange_testing.hpp"
#include "dcrf/actors/cluster/internal/remote_repositories.hpp"
#include "dcrf/actors/internal/actors_testing.hpp"
#include "dcrf/actors/messages.hpp"

namespace dcrf::cluster::group_exchange_tests {

namespace {

struct groups_fixture {
  groups_fixture() {
    // The test is the group actor of an I/O thread.
    thread_number = directory.add(caf::actor(thread));
  }

  ~groups_fixture() { directory.clear(); }

  static std::vector<char> interest(const group_name& x, std::uint64_t number) {
    byte_writer out;
    out.number(number);
    write(out, x);
    return bytes_of(std::move(out));
  }

  void note(const group_name& x) {
    auto bytes = interest(x, 5);
    byte_reader in{bytes};
    groups.note_interest(*nodes.b, in);
    nodes.get(topic::interest_noted);
  }

  void take(const group_name& target, group_exchange& by) {
    group_message message;
    message.target = target;
    message.version = 12;
    byte_writer out;
    write(out, message);
    auto bytes = bytes_of(std::move(out));
    byte_reader in{bytes};
    by.take_event(*nodes.b, in);
  }

  group_message_ptr event() {
    take(lobby, groups);
    group_message_ptr result;
    thread->receive([&](const group_message_ptr& x) { result = x; });
    return result;
  }

  bool has_nothing() { return !thread->has_next_message(); }

  caf::actor_system_config config;
  caf::actor_system system{config};
  linked_nodes nodes{system};
  caf::scoped_actor thread{system};
  group_directory directory;
  versions known{nullptr, nullptr, {}};
  group_exchange groups{directory, nodes.others, known, nodes.self};
  schema models = schema::of<actors_test::topic, actors_test::entry>();
  group_name lobby{nullptr, "lobby"};
  group_name rows = actors_test::topics_group();
  std::size_t thread_number = 0;
};

} // namespace

TEST_CASE_METHOD(groups_fixture,
                 "a node that watches a group is in the directory, until it is lost",
                 "[cluster][groups]") {
  note(lobby);
  CHECK(directory.has_members(lobby));
  groups.lost(*nodes.b);
  CHECK_FALSE(directory.has_members(lobby));
}

TEST_CASE_METHOD(groups_fixture, "a node that watches no more is not in the directory",
                 "[cluster][groups]") {
  note(lobby);
  byte_writer out;
  write(out, lobby);
  auto bytes = bytes_of(std::move(out));
  byte_reader in{bytes};
  groups.forget_interest(*nodes.b, in);
  CHECK_FALSE(directory.has_members(lobby));
}

TEST_CASE_METHOD(groups_fixture, "a member here is ready when the other node knows",
                 "[cluster][groups]") {
  bool is_ready = false;
  groups.hold(lobby, [&] { is_ready = true; });
  auto said = nodes.get(topic::interest);
  CHECK_FALSE(is_ready);
  byte_reader sent{said};
  std::uint64_t number = 0;
  sent.number(number);
  byte_writer out;
  out.number(number);
  out.number(0);
  auto bytes = bytes_of(std::move(out));
  byte_reader in{bytes};
  groups.confirm(*nodes.b, in);
  CHECK(is_ready);
}

TEST_CASE_METHOD(groups_fixture, "versions of another store say nothing here",
                 "[cluster][groups]") {
  directory.enter(lobby, thread_number);
  CHECK(event()->version == 0);
  nodes.b->who.store = nodes.self.store;
  CHECK(event()->version == 12);
}

TEST_CASE_METHOD(groups_fixture, "changes of rows cross no link between nodes over one database",
                 "[cluster][groups]") {
  nodes.b->who.store = nodes.self.store;
  note(rows);
  CHECK_FALSE(directory.has_members(rows));
  note(lobby);
  CHECK(directory.has_members(lobby));
  directory.enter(rows, thread_number);
  take(rows, groups);
  CHECK(has_nothing());
  groups.lost(*nodes.b);
  groups.all_known(*nodes.b);
  messages_lost told;
  thread->receive([&](const messages_lost& x) { told = x; });
  CHECK_FALSE(told.has_repositories);
}

TEST_CASE_METHOD(groups_fixture,
                 "one of the nodes over one database brings the changes to a node without one",
                 "[cluster][groups]") {
  nodes.self.store.clear();
  directory.enter(rows, thread_number);
  auto source = GENERATE(as<std::string>{}, "b", "c");
  io_thread node_thread{system};
  node_thread.start();
  remote_repositories remote{node_thread, models, source, {}};
  versions at{nullptr, &remote, source};
  group_exchange exchange{directory, nodes.others, at, nodes.self};
  at.linked({.name = source, .store = nodes.b->who.store});
  take(rows, exchange);
  CHECK(has_nothing() == (source != "b"));
  remote.stop();
}

TEST_CASE_METHOD(groups_fixture, "only a node that was lost before may have a gap",
                 "[cluster][groups]") {
  groups.all_known(*nodes.b);
  CHECK(has_nothing());
  groups.lost(*nodes.b);
  groups.all_known(*nodes.b);
  messages_lost told;
  thread->receive([&](const messages_lost& x) { told = x; });
  CHECK(told.node == "b");
  CHECK(told.has_repositories);
  groups.all_known(*nodes.b);
  CHECK(has_nothing());
}

TEST_CASE_METHOD(groups_fixture,
                 "who joined before a node with a database was linked may have missed something",
                 "[cluster][groups]") {
  groups.linked(*nodes.b);
  groups.all_known(*nodes.b);
  CHECK(has_nothing());
  groups.hold(lobby, [] {});
  SECTION("with a database") {
    groups.linked(*nodes.b);
    groups.all_known(*nodes.b);
    CHECK_FALSE(has_nothing());
  }
  SECTION("without one") {
    nodes.b->who.store.clear();
    groups.linked(*nodes.b);
    groups.all_known(*nodes.b);
    CHECK(has_nothing());
  }
}

} // namespace dcrf::cluster::group_exchange_tests
