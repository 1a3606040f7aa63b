#include "dcrf/actors/groups/internal/group_table.hpp"

#include "dcrf/actors/groups/internal/group_directory.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace dcrf::group_table_test {

struct member final : group_member {
  explicit member(std::string x = {}) : name(std::move(x)) {}

  bool deliver(group_message_ptr message) override {
    got.push_back(message->version);
    // A copy, which may replace what it was made of.
    if (auto call = on_message) {
      call();
    }
    return wants_end;
  }

  void commit_ended(const feed_position_ptr& x) override { ended.push_back(x->order); }
  void position_reached(const position_tick& x) override { ended.push_back(x.position->order); }

  std::string name;
  bool wants_end = false;
  std::vector<std::uint64_t> ended;
  std::vector<std::uint64_t> got;
  std::function<void()> on_message;
  std::map<std::string, group_table::place> places;
};

struct fixture {
  fixture() { directory.add(caf::actor{}); }

  void join(member& x, const std::string& group = "g", std::uint64_t since = 0) {
    table.join({nullptr, group}, x, x.places[group], since);
  }

  void leave(member& x, const std::string& group = "g") {
    table.leave({nullptr, group}, x.places.at(group));
    x.places.erase(group);
  }

  void broadcast(std::uint64_t version, const std::string& group = "g") {
    auto message = std::make_shared<group_message>();
    message->target = {nullptr, group};
    message->version = version;
    table.broadcast(message);
  }

  [[nodiscard]] bool is_entered(const std::string& group = "g") const {
    return directory.has_members({nullptr, group});
  }

  group_directory directory;
  group_table table{directory, 0};
};

using versions = std::vector<std::uint64_t>;

TEST_CASE_METHOD(fixture, "the members of a group get its messages in the order of joining",
                 "[group_table]") {
  std::string order;
  member a{"a"}, b{"b"}, c{"c"}, stranger{"x"};
  for (auto* x : {&a, &b, &c}) {
    x->on_message = [&order, x] { order += x->name; };
    join(*x);
  }
  join(stranger, "other");
  broadcast(7);
  CHECK(order == "abc");
  CHECK(a.got == versions{7});
  CHECK(stranger.got.empty());
  CHECK(table.size() == 4);
}

TEST_CASE_METHOD(fixture, "changes that committed before the joining do not arrive",
                 "[group_table]") {
  member early, late;
  join(early, "g", 4);
  join(late, "g", 6);
  broadcast(4);
  broadcast(5);
  broadcast(6);
  broadcast(7);
  broadcast(0); // no change of a row: has no version
  CHECK(early.got == versions{5, 6, 7, 0});
  CHECK(late.got == versions{7, 0});
}

TEST_CASE_METHOD(fixture, "the directory knows a group as long as it has members",
                 "[group_table]") {
  member a, b;
  CHECK_FALSE(is_entered());
  join(a);
  join(b);
  CHECK(is_entered());
  leave(a);
  CHECK(is_entered());
  leave(b);
  CHECK_FALSE(is_entered());
  CHECK(table.size() == 0);
  broadcast(1);
  CHECK(a.got.empty());
}

TEST_CASE_METHOD(fixture, "whoever leaves hands its place to the last one", "[group_table]") {
  member a, b, c;
  join(a);
  join(b);
  join(c);
  leave(a);
  CHECK(c.places["g"].index == 0);
  leave(c);
  CHECK(b.places["g"].index == 0);
  broadcast(1);
  CHECK(b.got == versions{1});
  CHECK((a.got.empty() && c.got.empty()));
}

TEST_CASE_METHOD(fixture, "members leave while a message is being given out", "[group_table]") {
  member a, b, c, d;
  for (auto* x : {&a, &b, &c, &d}) {
    join(*x);
  }
  b.on_message = [&] {
    b.on_message = nullptr;
    leave(a);
    leave(b);
    leave(c);
  };
  broadcast(1);
  CHECK(a.got == versions{1});
  CHECK(b.got == versions{1});
  CHECK(c.got.empty());
  CHECK(d.got == versions{1});
  CHECK(table.size() == 1);
  CHECK(d.places["g"].index == 0);
  broadcast(2);
  CHECK(d.got == versions{1, 2});
}

TEST_CASE_METHOD(fixture, "the last member leaves while a message is being given out",
                 "[group_table]") {
  member a;
  join(a);
  a.on_message = [&] { leave(a); };
  broadcast(1);
  CHECK_FALSE(is_entered());
  CHECK(table.size() == 0);
  join(a);
  CHECK(is_entered());
}

TEST_CASE_METHOD(fixture, "who joins while a message is being given out gets the next one",
                 "[group_table]") {
  member a;
  std::vector<std::unique_ptr<member>> joined;
  a.on_message = [&] {
    // Many, so that the table has to grow.
    for (int i = 0; i < 100; ++i) {
      join(*joined.emplace_back(std::make_unique<member>()));
    }
    leave(a);
    join(a);
    a.on_message = nullptr;
  };
  join(a);
  broadcast(1);
  CHECK(joined.back()->got.empty());
  broadcast(2);
  CHECK(a.got == versions{1, 2});
  CHECK(joined.front()->got == versions{2});
  CHECK(joined.back()->got == versions{2});
}

TEST_CASE_METHOD(fixture, "who wants to know learns once that a commit has ended",
                 "[group_table]") {
  member a, b, c;
  a.wants_end = b.wants_end = true;
  join(a);
  join(a, "h");
  join(b, "h");
  join(c, "h");
  auto message = [](const std::string& group) {
    auto result = std::make_shared<group_message>();
    result->target = {nullptr, group};
    return result;
  };
  auto position = std::make_shared<feed_position>(feed_position{.order = 7});
  SECTION("with the last of its messages") {
    table.receive(group_batch{.messages = {message("g"), message("h")}});
    CHECK(a.ended.empty());
    table.receive(group_batch{.messages = {message("h")}, .position = position});
    CHECK(a.ended == versions{7});
    CHECK(b.ended == versions{7});
    CHECK(c.ended.empty());
  }
  SECTION("unless it has gone meanwhile") {
    {
      member gone;
      gone.wants_end = true;
      join(gone);
      table.receive(group_batch{.messages = {message("g")}});
      leave(gone);
    }
    table.receive(group_batch{.messages = {message("h")}, .position = position});
    CHECK(a.ended == versions{7});
  }
  SECTION("and which position was reached, if it watches that") {
    table.watch_positions(c);
    table.watch_positions(c);
    table.reach({.position = position});
    CHECK(c.ended == versions{7});
    CHECK(a.ended.empty());
  }
}

// What the table should do, written as plainly as can be.
struct model_of_a_table {
  std::map<std::string, std::vector<std::pair<member*, std::uint64_t>>> groups;
  std::map<member*, versions> got;

  void join(member& x, const std::string& group, std::uint64_t since) {
    groups[group].emplace_back(&x, since);
  }
  void leave(member& x, const std::string& group) {
    std::erase_if(groups[group], [&x](const auto& y) { return y.first == &x; });
  }
  void broadcast(std::uint64_t version, const std::string& group) {
    for (auto [x, since] : groups[group]) {
      if (version > since) {
        got[x].push_back(version);
      }
    }
  }
  std::size_t size() {
    std::size_t result = 0;
    for (const auto& [group, members] : groups) {
      result += members.size();
    }
    return result;
  }
};

TEST_CASE_METHOD(fixture, "the table does what a simple one would do", "[group_table]") {
  auto seed = GENERATE(Catch::Generators::range(1U, 21U));
  std::mt19937 random{seed};
  std::vector<std::unique_ptr<member>> members;
  for (int i = 0; i < 12; ++i) {
    members.push_back(std::make_unique<member>());
  }
  model_of_a_table expected;
  std::uint64_t version = 0;
  auto toggle = [&] {
    auto& x = *members[random() % members.size()];
    auto group = std::string(1, static_cast<char>('a' + random() % 3));
    if (x.places.contains(group)) {
      leave(x, group);
      expected.leave(x, group);
    } else {
      join(x, group, version);
      expected.join(x, group, version);
    }
  };
  // What one member does to itself while it is told does not concern the others' message.
  for (auto& x : members) {
    x->on_message = [&, self = x.get()] {
      if (random() % 4 == 0) {
        for (const auto* group : {"a", "b", "c"}) {
          if (self->places.contains(group)) {
            leave(*self, group);
            expected.leave(*self, group);
          }
        }
      }
    };
  }
  for (int step = 0; step < 1000; ++step) {
    toggle();
    auto group = std::string(1, static_cast<char>('a' + random() % 3));
    ++version;
    expected.broadcast(version, group);
    broadcast(version, group);
    REQUIRE(table.size() == expected.size());
    REQUIRE(is_entered(group) == !expected.groups[group].empty());
  }
  for (auto& x : members) {
    CHECK(x->got == expected.got[x.get()]);
  }
}

} // namespace dcrf::group_table_test
