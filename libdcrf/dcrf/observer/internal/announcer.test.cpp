#include "dcrf/observer/internal/announcer.hpp"

#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/groups/presence_table.hpp"
#include "dcrf/observer/model_observer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <functional>
#include <memory>

using dcrf::json;

namespace consumer_test::announcing {

// A test gives it what it does in one transaction.
class transactions : public dcrf::api_consumer<transactions> {
public:
  struct notes : dcrf::model_observer<note, note_serializer> {};

  explicit transactions(std::function<dcrf::task<>(transactions&)>& steps) : steps_(&steps) {}

  dcrf::task<> connected() override { return subscribe(dcrf::observer_of<notes>(), {}, "\"n\""); }

  dcrf::task<dcrf::response> run() {
    co_await (*steps_)(*this);
    co_return dcrf::response::ok();
  }

  dcrf::task<> create(std::string text) {
    note draft{.text = std::move(text)};
    co_await repository<note>().create(draft);
  }
  dcrf::task<> save(std::int64_t id, std::string text) {
    note row{.id = id, .text = std::move(text)};
    co_await repository<note>().update(row);
  }
  dcrf::task<> remove(std::int64_t id) { co_await repository<note>().remove(id); }

  using actions = dcrf::actions<dcrf::atomic_action<"run", &transactions::run>>;

private:
  std::function<dcrf::task<>(transactions&)>* steps_;
};

// Shows notes with their authors.
class reader : public dcrf::api_consumer<reader> {
public:
  struct signed_note : dcrf::model_serializer<note> {
    using fields =
        dcrf::shown<dcrf::field<&note::text>, dcrf::nested<&note::author, author_serializer>>;
  };
  struct notes : dcrf::model_observer<note, signed_note> {};

  dcrf::task<> connected() override { return subscribe(dcrf::observer_of<notes>(), {}, "1"); }

  using actions = dcrf::actions<>;
};

struct bench {
  bench() { server.websocket<transactions>("/", std::ref(steps)); }

  // The reply's status, and the events after it.
  std::vector<std::string> run(std::function<dcrf::task<>(transactions&)> x) {
    steps = std::move(x);
    auto session = server.connect("/");
    session.send({{"action", "run"}});
    std::vector<std::string> result{session.receive()["response_status"].dump()};
    while (!session.is_silent()) {
      auto event = session.receive();
      result.push_back(event["action"].get<std::string>() + ' ' + event["data"]["text"].dump());
    }
    return result;
  }

  dcrf::test_server server{all_models()};
  std::function<dcrf::task<>(transactions&)> steps;
};

using strings = std::vector<std::string>;
using task = dcrf::task<>;

// An observer whose rows' bodies can't always be made.
struct faulty : dcrf::model_observer<note> {
  static dcrf::json_text body(const note&, dcrf::change_kind) {
    throw std::runtime_error("faulty");
  }
};
struct sound : dcrf::model_observer<note> {};

// A directory where everybody is in every group.
class everybody : public dcrf::channel_layer {
public:
  std::vector<const dcrf::observer_descriptor*> observers_of(const void*) const override {
    return observers;
  }
  bool has_members(const dcrf::group_name&) const override { return true; }
  void publish(dcrf::group_message_ptr x) override { published.push_back(std::move(x)); }
  dcrf::presence_table& presences() override { return nobody; }

  std::vector<const dcrf::observer_descriptor*> observers{&dcrf::observer_of<faulty>(),
                                                          &dcrf::observer_of<sound>()};
  dcrf::presence_table nobody{nullptr};
  std::vector<dcrf::group_message_ptr> published;
};

using consumer_test::note;

TEST_CASE("changes of one row in a transaction are announced as their sum", "[announcer]") {
  bench x;
  note first{.text = "first"};
  stored(x.server, first);
  CHECK(x.run([](transactions& at) -> task {
    co_await at.create("a");
    co_await at.save(2, "b");
  }) == strings{"200", R"(create "b")"});
  CHECK(x.run([](transactions& at) -> task {
    co_await at.create("gone");
    co_await at.remove(3);
  }) == strings{"200"});
  CHECK(x.run([](transactions& at) -> task {
    co_await at.save(2, "c");
    co_await at.remove(2);
  }) == strings{"200", R"(delete "c")"});
  CHECK(x.run([](transactions& at) -> task {
    co_await at.save(1, "x");
    co_await at.create("new");
    co_await at.save(1, "y");
  }) == strings{"200", R"(update "y")", R"(create "new")"});
}

TEST_CASE("nothing is announced of what was rolled back", "[announcer]") {
  bench x;
  CHECK(x.run([](transactions& at) -> task {
    co_await at.create("a");
    throw dcrf::permission_denied();
  }) == strings{"403"});
  CHECK(x.run([](transactions& at) -> task { co_await at.create("b"); })
        == strings{"200", R"(create "b")"});
}

TEST_CASE("nothing is announced before the commit", "[announcer]") {
  bench x;
  x.steps = [](transactions& at) -> task {
    co_await at.create("a");
    co_await at.runtime().sleep(std::chrono::hours{1});
  };
  auto session = x.server.connect("/");
  auto other = x.server.connect("/");
  session.send({{"action", "run"}});
  CHECK(session.is_silent());
  CHECK(other.is_silent());
  CHECK(other.receive()["action"] == "create");
  CHECK(session.receive()["action"] == "run");
  CHECK(session.receive()["action"] == "create");
}

TEST_CASE("related rows are shown as they were when the row changed", "[announcer]") {
  dcrf::test_server server{consumer_test::all_models()};
  server.websocket<reader>("/");
  auto session = server.connect("/");
  auto eve = stored(server, consumer_test::author{.name = "eve"});
  auto next = [&session] {
    auto event = session.receive();
    return event["action"].get<std::string>() + ' ' + event["data"].dump();
  };
  SECTION("though they change before the commit") {
    auto both = [&]() -> task {
      auto body = [&]() -> task {
        note draft{.text = "a", .author = eve.id};
        co_await server.runtime().repository<note>().create(draft);
        eve.name = "mallory";
        co_await server.runtime().repository<consumer_test::author>().update(eve);
      };
      co_await server.runtime().atomic(body);
    };
    server.run(both());
    CHECK(next() == R"(create {"author":{"id":1,"name":"eve"},"text":"a"})");
  }
  SECTION("though they go with it, the last row first") {
    for (const auto* text : {"a", "b"}) {
      stored(server, note{.text = text, .author = eve.id});
      next();
    }
    consumer_test::removed<consumer_test::author>(server, eve.id);
    CHECK(next() == R"(delete {"author":{"id":1,"name":"eve"},"text":"b"})");
    CHECK(next() == R"(delete {"author":{"id":1,"name":"eve"},"text":"a"})");
  }
  CHECK(session.is_silent());
}

TEST_CASE("a row that was deleted elsewhere is shown with what went with it", "[announcer]") {
  dcrf::database db{{.url = "sqlite://:memory:"}, consumer_test::all_models()};
  db.migrate();
  everybody channels;
  channels.observers = {&dcrf::observer_of<reader::notes>()};
  dcrf::announcer announcer{db, channels};
  consumer_test::author eve{.id = 7, .name = "eve"};
  dcrf::change change{.model = &dcrf::model_of<note>(),
                      .before = dcrf::to_record(note{.id = 1, .text = "x", .author = 7})};
  change.deleted = *change.before;
  auto shown = [&] {
    announcer.announce(std::span{&change, 1});
    return channels.published.back()->body().str();
  };
  CHECK(shown() == R"({"text":"x","author":null})");
  change.deleted_together = std::make_shared<dcrf::deleted_rows>(dcrf::deleted_rows{
      {&dcrf::model_of<note>(), change.deleted},
      {&dcrf::model_of<consumer_test::author>(), dcrf::to_record(eve)},
  });
  CHECK(shown() == R"({"text":"x","author":{"id":7,"name":"eve"}})");
}

TEST_CASE("an observer that fails keeps no other from its event", "[announcer]") {
  dcrf::database db{{.url = "sqlite://:memory:"}, consumer_test::all_models()};
  everybody channels;
  dcrf::announcer announcer{db, channels};
  note row{.id = 1, .text = "x"};
  dcrf::change change{
      .model = &dcrf::model_of<note>(), .after = dcrf::to_record(row), .version = 9};
  CHECK_THROWS_WITH(announcer.announce(std::span{&change, 1}), "faulty");
  REQUIRE(channels.published.size() == 1);
  const auto& message = *channels.published[0];
  CHECK(message.target.observer == &dcrf::observer_of<sound>());
  CHECK(message.kind == dcrf::change_kind::create);
  CHECK(message.key == dcrf::value{std::int64_t{1}});
  CHECK(message.version == 9);
  CHECK(message.body().str() == R"({"pk":1})");
  CHECK(message.text->str()
        == R"({"errors":[],"data":{"pk":1},"action":"create","response_status":200,"request_id":)");
}

} // namespace consumer_test::announcing
