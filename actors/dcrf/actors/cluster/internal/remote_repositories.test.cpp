#include "dcrf/actors/cluster/internal/remote_repositories.hpp"

#include "dcrf/actors/internal/actors_testing.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace dcrf::cluster::remote_repositories_tests {

namespace {

struct remote_fixture {
  ~remote_fixture() { remote.stop(); }

  void catch_up(const std::string& name) {
    remote.catch_up([this, name] { ready.push_back(name); });
    here.on_thread([] {}); // it is asked for on the thread
  }

  // The other node has answered.
  void answer(std::uint64_t number) {
    here.on_thread([&] { remote.caught_up(number); });
  }

  using names = std::vector<std::string>;

  actors_test::node here;
  schema models = schema::of<actors_test::topic, actors_test::entry>();
  std::vector<std::uint64_t> questions;
  names ready;
  remote_repositories remote{here.thread,
                             models,
                             "b",
                             {.send = [](std::uint64_t, const command&) {},
                              .abandon = [](std::uint64_t) {},
                              .catch_up = [this](std::uint64_t x) { questions.push_back(x); }}};
};

} // namespace

TEST_CASE_METHOD(remote_fixture, "whoever wants to catch up waits for the node with the database",
                 "[cluster][remote]") {
  here.on_thread([this] { remote.linked(); });
  catch_up("first");
  CHECK(questions.size() == 1);
  CHECK(ready.empty());
  answer(questions.back());
  CHECK(ready == names{"first"});
}

TEST_CASE_METHOD(remote_fixture, "who come while a question is on its way share the next one",
                 "[cluster][remote]") {
  here.on_thread([this] { remote.linked(); });
  for (const auto* name : {"first", "second", "third"}) {
    catch_up(name);
  }
  CHECK(questions.size() == 1);
  answer(questions.back());
  CHECK(ready == names{"first"});
  REQUIRE(questions.size() == 2);
  answer(questions.front());
  CHECK(ready == names{"first"});
  answer(questions.back());
  CHECK(ready == names{"first", "second", "third"});
  CHECK(questions.size() == 2);
}

TEST_CASE_METHOD(remote_fixture, "without the link there is nothing to wait for",
                 "[cluster][remote]") {
  catch_up("first");
  CHECK(ready == names{"first"});
  here.on_thread([this] { remote.linked(); });
  catch_up("second");
  catch_up("third");
  CHECK(ready == names{"first"});
  here.on_thread([this] { remote.lost(); });
  CHECK(ready == names{"first", "second", "third"});
  CHECK(questions.size() == 1);
}

} // namespace dcrf::cluster::remote_repositories_tests
