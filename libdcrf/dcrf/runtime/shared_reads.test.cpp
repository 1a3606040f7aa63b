#include "dcrf/runtime/shared_reads.hpp"

#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/session/internal/fake_session.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <list>

using dcrf::json;

namespace consumer_test::reading_together {

int shown = 0;

std::string loud(const author& row) {
  ++shown;
  return row.name + '!';
}

struct loud_author : dcrf::model_serializer<author> {
  using fields = dcrf::shown<dcrf::field<&author::id>, dcrf::computed<"loud", &loud>>;
};

class authors : public dcrf::model_consumer<authors, author, loud_author, dcrf::observe_instance> {
};

std::string greeting(const author& row, const dcrf::serializer_context& context) {
  ++shown;
  return "Hello " + context.scope->path + ", I am " + row.name;
}

struct greeting_author : dcrf::model_serializer<author> {
  using fields = dcrf::shown<dcrf::computed<"greeting", &greeting>>;
};

class greeting_authors : public dcrf::model_consumer<greeting_authors, author, greeting_author,
                                                     dcrf::observe_instance> {};

// Who may see the row depends on where the client is connected.
class own_authors
    : public dcrf::model_consumer<own_authors, author, loud_author, dcrf::observe_instance> {
protected:
  [[nodiscard]] dcrf::query<author> queryset(const dcrf::request& req) const override {
    return dcrf::query<author>{}.filter(dcrf::column<&author::name> != req.scope().path);
  }
};

dcrf::store_result found(const std::string& name) {
  return {.rows = {{.values = dcrf::to_record(author{.id = 1, .name = name})}}};
}

// A client that watches the author 1.
template <class Consumer>
struct watcher {
  watcher(dcrf::shared_reads& reads, std::string path)
      : driver(std::in_place, session, dcrf::scope{.path = std::move(path)},
               std::make_unique<Consumer>()) {
    session.together = &reads;
    driver->connect({});
    driver->receive(R"({"action": "subscribe_instance", "pk": 1, "request_id": "w"})", true);
    answer(found("a"));
    session.finish(session.joining.at(0).second, {});
    session.log.clear();
    session.submitted.clear();
  }

  void answer(dcrf::store_result x) {
    session.finish(session.submitted.back().second, std::move(x));
  }

  // What it was told of last.
  json data() { return json::parse(session.log.at(session.log.size() - 1)).at("data"); }

  fake_session session;
  std::optional<dcrf::driver> driver;
};

template <class Consumer>
struct bench {
  explicit bench(const std::vector<std::string>& paths) {
    for (const auto& path : paths) {
      watchers.emplace_back(reads, path);
      all.push_back(&watchers.back());
    }
    message = std::make_shared<dcrf::group_message>(
        dcrf::group_message{.target = all[0]->session.joining.at(0).first,
                            .kind = dcrf::change_kind::update,
                            .key = std::int64_t{1}});
    shown = 0;
  }

  void deliver() {
    dcrf::shared_reads::period together{reads};
    for (auto& x : watchers) {
      x.driver->deliver(message);
    }
  }

  std::size_t questions() {
    std::size_t result = 0;
    for (auto& x : watchers) {
      result += x.session.submitted.size();
    }
    return result;
  }

  dcrf::shared_reads reads;
  std::list<watcher<Consumer>> watchers;
  std::vector<watcher<Consumer>*> all;
  dcrf::group_message_ptr message;
};

TEST_CASE("a row that many watch is read and shown once", "[shared_reads]") {
  bench<authors> x{{"a", "b", "c"}};
  x.deliver();
  CHECK(x.questions() == 1);
  x.all[0]->answer(found("ann"));
  for (auto* client : x.all) {
    CHECK(client->session.log.size() == 1);
    CHECK(client->data() == json{{"id", 1}, {"loud", "ann!"}});
  }
  CHECK(shown == 1);

  SECTION("and once more for the next event") {
    x.deliver();
    CHECK(x.questions() == 2);
    x.all[0]->answer(found("eve"));
    CHECK(x.all[2]->data()["loud"] == "eve!");
    CHECK(shown == 2);
  }
}

TEST_CASE("whoever is busy when an event comes reads later, and for itself", "[shared_reads]") {
  bench<authors> x{{"a", "b"}};
  auto& busy = *x.all[1];
  busy.driver->receive(R"({"action": "retrieve", "pk": 1})", true);
  x.deliver();
  CHECK(x.questions() == 2);
  x.all[0]->answer(found("ann"));
  busy.answer(found("ann"));
  busy.answer(found("eve"));
  CHECK(x.all[0]->data()["loud"] == "ann!");
  CHECK(busy.data()["loud"] == "eve!");
}

TEST_CASE("what depends on the client is shown to each in its own way", "[shared_reads]") {
  bench<greeting_authors> x{{"b", "c"}};
  x.deliver();
  CHECK(x.questions() == 1);
  x.all[0]->answer(found("ann"));
  CHECK(x.all[0]->data()["greeting"] == "Hello b, I am ann");
  CHECK(x.all[1]->data()["greeting"] == "Hello c, I am ann");
  CHECK(shown == 2);
}

TEST_CASE("only those who ask for the same get the same", "[shared_reads]") {
  bench<own_authors> x{{"b", "c", "b"}};
  x.deliver();
  CHECK(x.questions() == 2);
  x.all[0]->answer({.error = dcrf::store_error{.code = dcrf::store_errc::not_found}});
  CHECK(x.all[0]->session.log.empty());
  CHECK(x.all[2]->session.log.empty());
  x.all[1]->answer(found("ann"));
  CHECK(x.all[1]->data()["loud"] == "ann!");
}

TEST_CASE("a question outlives whoever asked it", "[shared_reads]") {
  bench<authors> x{{"a", "b", "c", "d"}};
  x.deliver();
  x.all[1]->driver.reset();
  CHECK(x.questions() == 1);
  x.all[0]->driver.reset();
  CHECK(x.questions() == 2);
  CHECK(x.all[2]->session.submitted.size() == 1);
  x.all[2]->answer(found("ann"));
  CHECK(x.all[2]->data()["loud"] == "ann!");
  CHECK(x.all[3]->data()["loud"] == "ann!");
}

TEST_CASE("a failure of the store is everybody's", "[shared_reads]") {
  bench<authors> x{{"a", "b"}};
  x.deliver();
  x.all[0]->answer({.error = dcrf::store_error{.code = dcrf::store_errc::failed, .text = "gone"}});
  CHECK(x.all[0]->session.failures == std::vector<std::string>{"handling an event"});
  CHECK(x.all[1]->session.failures == std::vector<std::string>{"handling an event"});
}

} // namespace consumer_test::reading_together
