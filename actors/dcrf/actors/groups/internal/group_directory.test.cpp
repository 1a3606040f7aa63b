#include "dcrf/actors/groups/internal/group_directory.hpp"

#include "dcrf/actors/internal/actors_testing.hpp"

#include <caf/scoped_actor.hpp>

namespace dcrf::actors_test::group_directory_tests {

namespace {

struct any_entry : model_observer<entry> {};
struct entries_by_topic : model_observer<entry> {
  using groups = by<&entry::topic>;
};

using observers = std::vector<const observer_descriptor*>;

std::string text_of(const group_message_ptr& x) { return x->body().str(); }

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor first{system};
  caf::scoped_actor second{system};
  group_directory directory;

  fixture() {
    directory.add(caf::actor_cast<caf::actor>(first));
    directory.add(caf::actor_cast<caf::actor>(second));
  }

  // The bodies that have come, up to and without the message `end` that is sent to the actor now.
  static std::string received(caf::scoped_actor& self) {
    std::string result;
    bool is_end = false;
    caf::anon_send(caf::actor_cast<caf::actor>(self), message_to({}, "end"));
    self->receive_while([&] { return !is_end; })([&](const group_message_ptr& x) {
      is_end = text_of(x) == "\"end\"";
      if (!is_end) {
        result += text_of(x);
      }
    });
    return result;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a message goes once to each thread that has members",
                 "[group_directory]") {
  group_name lobby{nullptr, "lobby"};
  directory.publish(message_to(lobby, "nobody"));
  directory.enter(lobby, 1);
  directory.publish(message_to(lobby, "one"));
  directory.enter(lobby, 0);
  directory.publish(message_to(lobby, "both"));
  directory.publish(message_to({nullptr, "other"}, "elsewhere"));
  directory.withdraw(lobby, 1);
  directory.publish(message_to(lobby, "last"));
  CHECK(received(first) == R"("both""last")");
  CHECK(received(second) == R"("one""both")");
}

TEST_CASE_METHOD(fixture, "observers are known while any of their groups has members",
                 "[group_directory]") {
  const auto* subject = &model_of<entry>();
  const auto& all = observer_of<any_entry>();
  const auto& keyed = observer_of<entries_by_topic>();
  CHECK(directory.observers_of(subject).empty());
  directory.enter({&keyed, "topic=1"}, 0);
  directory.enter({&keyed, "topic=1"}, 1);
  directory.enter({&keyed, "topic=2"}, 1);
  directory.enter({&all, ""}, 0);
  directory.enter({nullptr, "free"}, 0);
  CHECK(directory.observers_of(subject) == observers{&keyed, &all});
  CHECK(directory.observers_of(&model_of<topic>()).empty());
  CHECK(directory.has_members({&keyed, "topic=2"}));
  CHECK_FALSE(directory.has_members({&all, "topic=2"}));

  directory.withdraw({&keyed, "topic=1"}, 0);
  directory.withdraw({&keyed, "topic=2"}, 1);
  directory.withdraw({&keyed, "topic=3"}, 1); // never entered
  CHECK(directory.observers_of(subject) == observers{&keyed, &all});
  directory.withdraw({&keyed, "topic=1"}, 1);
  CHECK(directory.observers_of(subject) == observers{&all});
}

TEST_CASE_METHOD(fixture, "a directory that was cleared publishes nothing", "[group_directory]") {
  group_name lobby{&observer_of<any_entry>(), ""};
  directory.enter(lobby, 0);
  directory.clear();
  directory.publish(message_to(lobby, "late"));
  directory.withdraw(lobby, 0);
  CHECK(received(first).empty());
  CHECK_FALSE(directory.has_members(lobby));
  CHECK(directory.observers_of(&model_of<entry>()).empty());
  CHECK(directory.add(caf::actor_cast<caf::actor>(second)) == 0);
}

TEST_CASE_METHOD(fixture, "what is committed together goes to each thread together",
                 "[group_directory]") {
  group_name one{nullptr, "one"};
  group_name two{nullptr, "two"};
  directory.enter(one, 0);
  directory.enter(two, 0);
  directory.enter(two, 1);
  auto position = std::make_shared<feed_position>(feed_position{.order = 3});
  directory.publish({message_to(one, "a"), message_to(two, "b"), message_to({nullptr, "x"}, "c")},
                    position);
  auto batch_of = [](caf::scoped_actor& thread) {
    group_batch_ptr result;
    thread->receive([&](const group_batch_ptr& x) { result = x; });
    return result;
  };
  CHECK(batch_of(first)->messages.size() == 2);
  auto second_batch = batch_of(second);
  REQUIRE(second_batch->messages.size() == 1);
  CHECK(second_batch->messages.front()->body().str() == R"("b")");
  CHECK(second_batch->position == position);
}

TEST_CASE_METHOD(fixture, "much that is committed together comes in parts", "[group_directory]") {
  group_name lobby{nullptr, "lobby"};
  directory.enter(lobby, 0);
  auto position = std::make_shared<feed_position>(feed_position{.order = 3});
  directory.publish(std::vector<group_message_ptr>(600, message_to(lobby, "a")), position);
  std::size_t messages = 0;
  std::size_t ends = 0;
  for (int part = 0; part < 3; ++part) {
    first->receive([&](const group_batch_ptr& x) {
      CHECK(ends == 0);
      messages += x->messages.size();
      ends += x->position != nullptr ? 1 : 0;
    });
  }
  CHECK(messages == 600);
  CHECK(ends == 1);
}

TEST_CASE_METHOD(fixture, "what is too much for a thread is left out, and that is told",
                 "[group_directory]") {
  group_name lobby{nullptr, "lobby"};
  group_name hall{nullptr, "hall"};
  directory.enter(lobby, 0);
  directory.enter(hall, 0);
  auto large = message_to(lobby, std::string(group_directory::most_waiting / 2, 'x'));
  directory.publish(large);
  directory.publish(message_to(hall, "small"));
  directory.publish(large);
  directory.publish(large);
  int told = 0;
  for (int i = 0; i < 3; ++i) {
    first->receive([](const group_message_ptr&) {}, [&](messages_left_out) { ++told; });
  }
  CHECK(told == 1);
  CHECK(directory.take_left_out(0) == std::vector{lobby});
  CHECK(directory.take_left_out(0).empty());
  directory.taken(0, size_of(*large));
  directory.publish(large);
  CHECK(received(first).size() > 1000);
}

TEST_CASE_METHOD(fixture, "threads enter, withdraw and publish at once", "[group_directory]") {
  constexpr int rounds = 2000;
  const auto& keyed = observer_of<entries_by_topic>();
  auto work = [&](std::size_t thread) {
    group_name own{&keyed, "topic=" + std::to_string(thread)};
    group_name common{&keyed, "topic=9"};
    for (int i = 0; i < rounds; ++i) {
      directory.enter(common, thread);
      directory.enter(own, thread);
      directory.publish(message_to(own, "x"));
      directory.observers_of(&model_of<entry>());
      directory.withdraw(common, thread);
      directory.withdraw(own, thread);
    }
  };
  std::thread other{[&] { work(1); }};
  work(0);
  other.join();
  CHECK(received(first).size() == rounds * std::string{"\"x\""}.size());
  CHECK(received(second).size() == rounds * std::string{"\"x\""}.size());
  CHECK(directory.observers_of(&model_of<entry>()).empty());
  CHECK_FALSE(directory.has_members({&keyed, "topic=9"}));
}

namespace {

// What would go to other nodes.
struct noted_links final : group_links {
  void hold(const group_name&, std::function<void()> ready) override { ready(); }
  void release(const group_name&) override {}
  void forward(const group_message& message, std::span<const std::size_t> nodes) override {
    for (auto node : nodes) {
      forwarded.push_back(message.body().str() + std::to_string(node));
    }
  }

  std::vector<std::string> forwarded;
};

} // namespace

TEST_CASE_METHOD(fixture, "a message goes to nodes that have members, after those here",
                 "[group_directory]") {
  using texts = std::vector<std::string>;
  noted_links links;
  directory.links(&links);
  group_name lobby{nullptr, "lobby"};
  directory.enter_node(lobby, 4);
  directory.enter_node(lobby, 2);
  directory.enter(lobby, 0);
  CHECK(directory.has_members(lobby));
  directory.publish(message_to(lobby, "a"));
  CHECK(links.forwarded == texts{"\"a\"4", "\"a\"2"});
  CHECK(received(first) == R"("a")");

  SECTION("what came from a node is not sent on") {
    directory.publish_here(message_to(lobby, "b"));
    CHECK(links.forwarded.size() == 2);
    CHECK(received(first) == R"("b")");
  }
  SECTION("a node that has no member any more gets nothing") {
    directory.withdraw_node(lobby, 4);
    directory.publish(message_to(lobby, "b"));
    CHECK(links.forwarded.back() == "\"b\"2");
    CHECK(links.forwarded.size() == 3);
  }
  SECTION("without links only those here are left") {
    directory.withdraw(lobby, 0);
    directory.links(nullptr);
    CHECK_FALSE(directory.has_members(lobby));
    directory.publish(message_to(lobby, "b"));
    CHECK(links.forwarded.size() == 2);
  }
}

TEST_CASE_METHOD(fixture, "observers with members on other nodes only are known",
                 "[group_directory]") {
  noted_links links;
  directory.links(&links);
  group_name all{&observer_of<any_entry>(), group_key_of<any_entry>()};
  directory.enter_node(all, 1);
  CHECK(directory.observers_of(&model_of<entry>()) == observers{&observer_of<any_entry>()});
  directory.withdraw_node(all, 1);
  CHECK(directory.observers_of(&model_of<entry>()).empty());
  directory.links(nullptr);
}

} // namespace dcrf::actors_test::group_directory_tests
