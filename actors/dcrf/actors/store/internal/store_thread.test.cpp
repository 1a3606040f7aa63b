#include "dcrf/actors/store/internal/store_thread.hpp"

#include "dcrf/actors/internal/actors_testing.hpp"

#include <caf/scoped_actor.hpp>

#include <atomic>

using namespace std::chrono_literals;

namespace dcrf::actors_test::store_thread_tests {

namespace {

// A channel layer that writes down what is published.
struct listening_layer final : channel_layer {
  presence_table& presences() override { return nobody; }

  presence_table nobody{nullptr};
  std::vector<const observer_descriptor*> observers_of(const void* subject) const override {
    if (subject == &model_of<topic>()) {
      return {&observer_of<all_topics>()};
    }
    return {};
  }
  bool has_members(const group_name&) const override { return true; }
  void publish(group_message_ptr x) override { on_message(x); }

  std::function<void(const group_message_ptr&)> on_message = [](const group_message_ptr&) {};
};

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  listening_layer channels;
  store_thread store{system, {.url = "sqlite://:memory:"}, schema::of<topic, entry>(), channels};
  caf::scoped_actor self{system};
  std::vector<std::string> steps = store.start();
  repository_actor topics = store.repository(model_of<topic>());
  repository_actor entries = store.repository(model_of<entry>());

  store_result ask(const repository_actor& whom, command x) {
    store_result result;
    self->request(whom, 20s, std::move(x))
        .receive([&](store_result& answer) { result = std::move(answer); },
                 [&](const caf::error& error) { FAIL(system.render(error)); });
    return result;
  }

  std::uint64_t begin() { return ask(topics, {begin_command{}}).transaction; }

  std::int64_t count() { return ask(topics, count_topics()).count; }
};

store_errc code_of(const store_result& x) {
  REQUIRE(x.error);
  return x.error->code;
}

command retrieve_topic(std::int64_t id) {
  return {retrieve_command{.where = {.model = &model_of<topic>(), .key = value{id}}}};
}

} // namespace

TEST_CASE_METHOD(fixture, "repositories answer commands, failures as values", "[store_thread]") {
  CHECK_FALSE(steps.empty());
  auto created = ask(topics, create_topic("caf"));
  REQUIRE(created.rows.size() == 1);
  auto row = from_record<topic>(created.rows.front().values);
  CHECK(row.name == "caf");
  auto found = ask(topics, retrieve_topic(row.id));
  REQUIRE(found.rows.size() == 1);
  CHECK(from_record<topic>(found.rows.front().values).name == "caf");

  CHECK(code_of(ask(topics, retrieve_topic(99))) == store_errc::not_found);
  auto twice = ask(topics, create_topic("caf"));
  CHECK(code_of(twice) == store_errc::invalid);
  CHECK_THAT(twice.error->errors.to_json_text().str(), Catch::Contains("\"name\""));
  entry orphan{.topic = 99, .text = "x"};
  CHECK(code_of(ask(entries,
                    {create_command{.model = &model_of<entry>(), .values = to_record(orphan)}}))
        == store_errc::invalid);
  CHECK(count() == 1);
}

TEST_CASE_METHOD(fixture, "a store knows its models, and what it opens", "[store_thread]") {
  model_descriptor stranger{.name = "stranger"};
  CHECK_THROWS_AS(store.repository(stranger), std::out_of_range);
  CHECK(store.repositories().size() == 2);
  store_thread nowhere{
      system, {.url = "sqlite:///no/such/folder/x.db"}, schema::of<topic>(), channels};
  CHECK_THROWS_AS(nowhere.start(), store_failure);
  nowhere.stop();
  CHECK(nowhere.repositories().empty());
}

TEST_CASE_METHOD(fixture, "replies come before announcements, both in commit order",
                 "[store_thread]") {
  // Announcements go through the same mailbox as replies, so their order is seen.
  channels.on_message = [this](const group_message_ptr& x) {
    caf::anon_send(caf::actor_cast<caf::actor>(self), x);
  };
  constexpr int count = 600; // more than are committed together
  for (int i = 0; i < count; ++i) {
    self->send(i % 2 == 0 ? topics : entries, create_topic(std::to_string(i)));
  }
  std::vector<std::string> replied, announced;
  std::uint64_t last_version = 0;
  while (announced.size() < count) {
    self->receive(
        [&](const store_result& x) {
          REQUIRE_FALSE(x.error);
          replied.push_back(from_record<topic>(x.rows.front().values).name);
        },
        [&](const group_message_ptr& x) {
          announced.push_back(x->body().to_json().get<std::string>());
          CHECK(replied.size() >= announced.size());
          CHECK(x->version > last_version);
          last_version = x->version;
        },
        caf::after(20s) >> [] { FAIL("nothing came"); });
  }
  CHECK(announced == replied);
  CHECK(store.version() == last_version);
}

TEST_CASE_METHOD(fixture, "an observer that throws costs its own announcement only",
                 "[store_thread]") {
  std::promise<std::string> announced;
  channels.on_message = [&](const group_message_ptr& x) { announced.set_value(x->body().str()); };
  CHECK_FALSE(ask(topics, create_topic("unspeakable")).error);
  CHECK_FALSE(ask(topics, create_topic("fine")).error);
  CHECK(announced.get_future().get() == "\"fine\"");
  CHECK(count() == 2);
}

TEST_CASE_METHOD(fixture, "a change that can't be announced without the database waits for it",
                 "[store_thread]") {
  channels.on_message = [this](const group_message_ptr& x) {
    caf::anon_send(caf::actor_cast<caf::actor>(self), x);
  };
  refusals = 3;
  for (const auto* name : {"first", "later", "last"}) {
    REQUIRE_FALSE(ask(topics, create_topic(name)).error);
  }
  std::vector<std::string> announced;
  int count = 0;
  self->receive_for(count, 3)(
      [&](const group_message_ptr& x) {
        announced.push_back(x->body().to_json().get<std::string>());
      },
      caf::after(20s) >> [] { FAIL("nothing came"); });
  CHECK(announced == std::vector<std::string>{"first", "later", "last"});
  CHECK(refusals == -1);
}

TEST_CASE_METHOD(fixture, "who is gone before a transaction is opened for it holds up nobody",
                 "[store_thread]") {
  auto transaction = begin();
  {
    caf::scoped_actor gone{system};
    gone->send(topics, command{begin_command{}});
    // It was asked when this is answered.
    ask(topics, count_topics(transaction));
  }
  ask(topics, {commit_command{}, transaction});
  bool is_answered = false;
  self->request(topics, 5s, create_topic("x"))
      .receive([&](const store_result& x) { is_answered = !x.error; }, [](const caf::error&) {});
  CHECK(is_answered);
}

TEST_CASE_METHOD(fixture, "an exit message does not end a repository", "[store_thread]") {
  self->send_exit(topics, caf::exit_reason::user_shutdown);
  self->send_exit(topics, caf::exit_reason::normal);
  CHECK_FALSE(ask(topics, create_topic("x")).error);
}

TEST_CASE_METHOD(fixture, "other commands wait for a transaction, and see it whole",
                 "[store_thread]") {
  auto transaction = begin();
  REQUIRE(transaction != 0);
  ask(topics, create_topic("a", transaction));
  caf::scoped_actor other{system};
  auto waiting = other->request(topics, 20s, count_topics());
  ask(entries, create_topic("b", transaction));
  CHECK(ask(topics, count_topics(transaction)).count == 2);
  CHECK_FALSE(ask(entries, {commit_command{}, transaction}).error);
  waiting.receive([](const store_result& x) { CHECK(x.count == 2); },
                  [](const caf::error&) { FAIL("no answer"); });
  CHECK(code_of(ask(topics, create_topic("c", transaction))) == store_errc::no_transaction);
}

TEST_CASE_METHOD(fixture, "a transaction that is abandoned is rolled back", "[store_thread]") {
  auto transaction = begin();
  ask(topics, create_topic("lost", transaction));
  self->send(entries, abandon_transaction{transaction});
  CHECK(count() == 0);
  self->send(entries, abandon_transaction{transaction}); // unknown by now
  CHECK(count() == 0);
}

TEST_CASE_METHOD(fixture, "a transaction whose owner vanishes ends at its deadline",
                 "[store_thread]") {
  store_thread impatient{system,
                         {.url = "sqlite://:memory:"},
                         schema::of<topic, entry>(),
                         channels,
                         {.transaction_timeout = 100ms}};
  impatient.start();
  {
    auto repository = impatient.repository(model_of<topic>());
    // The deadline of a transaction that has ended by itself is none for the next one.
    auto ended = ask(repository, {begin_command{}}).transaction;
    ask(repository, {rollback_command{}, ended});
    auto started = std::chrono::steady_clock::now();
    auto transaction = ask(repository, {begin_command{}}).transaction;
    ask(repository, create_topic("lost", transaction));
    CHECK(ask(repository, count_topics()).count == 0); // waits for the deadline
    CHECK(std::chrono::steady_clock::now() - started >= 100ms);
    CHECK(code_of(ask(repository, {commit_command{}, transaction})) == store_errc::no_transaction);
  }
  impatient.stop();
}

TEST_CASE_METHOD(fixture, "stopping answers everything that was asked", "[store_thread]") {
  constexpr int asked = 2000; // more than an actor handles in one turn
  auto transaction = begin();
  for (int i = 0; i < asked; ++i) {
    self->send(topics, create_topic(std::to_string(i)));
  }
  self->send(topics, command{begin_command{}});
  self->send(topics, create_topic("within", transaction));
  self->send(entries, create_topic("last"));
  store.stop();
  int created = 0, others = 0;
  self->receive_for(others, asked + 3)(
      [&](const store_result& x) {
        CHECK_FALSE(x.error);
        created += static_cast<int>(x.rows.size());
      },
      caf::after(20s) >> [] { FAIL("not all were answered"); });
  CHECK(created == asked + 2);
  store.stop();

  caf::error error;
  self->request(topics, caf::infinite, count_topics())
      .receive([](const store_result&) { FAIL("answered by whom?"); },
               [&](const caf::error& x) { error = x; });
  CHECK(error == caf::sec::request_receiver_down);
  CHECK_THROWS_AS(store.repository(model_of<topic>()), std::out_of_range);
}

TEST_CASE_METHOD(fixture, "what a repository was asked before it was killed is answered",
                 "[store_thread]") {
  auto transaction = begin();
  caf::scoped_actor other{system};
  auto waiting = other->request(topics, caf::infinite, create_topic("waits"));
  // The transaction keeps it waiting within the store.
  ask(topics, count_topics(transaction));
  self->send_exit(topics, caf::exit_reason::kill);
  self->wait_for(topics);
  ask(entries, {rollback_command{}, transaction});
  waiting.receive([](const store_result& x) { CHECK_FALSE(x.error); },
                  [](const caf::error&) { FAIL("no answer"); });
  auto failed = other->request(topics, caf::infinite, create_topic("too late"));
  failed.receive([](const store_result&) { FAIL("answered by whom?"); },
                 [](const caf::error& x) { CHECK(x == caf::sec::request_receiver_down); });
}

} // namespace dcrf::actors_test::store_thread_tests
