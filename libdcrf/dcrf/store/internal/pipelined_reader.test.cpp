#include "dcrf/store/internal/pipelined_reader.hpp"

#include "dcrf/store/internal/command_queue.hpp"
#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>
#include <poll.h>

#include <csignal>
#include <thread>

namespace pipelined_reader_tests {

using namespace dcrf;
using namespace dcrf::store_test;
using namespace std::chrono_literals;

// These run only where DCRF_TEST_DATABASE names a database: see scripts/postgresql.
namespace {

command retrieve(std::int64_t key) { return {retrieve_command{.where = by_key<person>(key)}}; }

command count_people() { return {count_command{.rows = {.model = &model_of<person>()}}}; }

command list_people(condition_on<person> where) {
  return {list_command{
      .rows = {.model = &model_of<person>(), .where = std::move(where.value), .limit = 10}}};
}

// A database with three people, and what a reader answers and hands back.
struct bench {
  explicit bench(database_options with = empty_options()) : options(std::move(with)) {
    database db{options, all_models()};
    db.migrate();
    for (const auto* name : {"a", "b", "c"}) {
      create(db, person{.username = name});
    }
    reader.emplace(options, all_models());
    reader->on_handed_back([this](pipelined_reader::read) { ++handed_back; });
  }

  void ask(command x) {
    reader->submit(
        {std::move(x), [this](store_result result) { answers.push_back(std::move(result)); }});
  }

  // Until all that is under way is answered or handed back.
  void finish(std::chrono::milliseconds at_most = 30s) {
    auto end = pipelined_reader::clock::now() + at_most;
    while (reader->load() > 0 && pipelined_reader::clock::now() < end) {
      reader->flush();
      pollfd waiting{reader->socket(), POLLIN, 0};
      ::poll(&waiting, 1, 10);
      reader->receive();
    }
  }

  database_options options;
  std::optional<pipelined_reader> reader;
  std::vector<store_result> answers;
  int handed_back = 0;
};

std::string name_of(const store_result& x) {
  return x.error ? x.error->text : std::get<std::string>(x.rows.at(0).values.at(1));
}

std::string server_process() {
  return query_postgresql("SELECT pid FROM pg_stat_activity WHERE application_name = 'dcrf'");
}

// What a store thread would answer.
store_result answer_of(database& db, command x) {
  store_result result;
  command_queue queue{db, [](const command_queue::committed&) {}};
  queue.push(std::move(x), [&](store_result answer) { result = std::move(answer); });
  queue.run();
  return result;
}

// What `is_slow` says of a row takes two seconds.
void slow_down(const std::string& is_slow) {
  execute_postgresql("ALTER TABLE test_person RENAME TO real_person; "
                     "CREATE VIEW test_person AS SELECT * FROM real_person "
                     "WHERE NOT ("
                     + is_slow + ") OR pg_sleep(2) IS NOT NULL");
}

} // namespace

TEST_CASE("reads that are sent together are answered in their order", "[.][postgresql]") {
  bench x;
  for (int round = 0; round < 3; ++round) {
    x.answers.clear();
    x.ask(retrieve(2));
    x.ask(count_people());
    x.ask(retrieve(9));
    x.ask(retrieve(1));
    x.ask(list_people(column<&person::username> != "b"));
    x.finish();
    REQUIRE(x.answers.size() == 5);
    CHECK(name_of(x.answers[0]) == "b");
    CHECK(x.answers[1].count == 3);
    CHECK(x.answers[2].error->code == store_errc::not_found);
    CHECK(name_of(x.answers[3]) == "a");
    CHECK(x.answers[4].rows.size() == 2);
  }
  CHECK(x.reader->load() == 0);
  CHECK_FALSE(x.reader->waiting_since());
}

TEST_CASE("what is more than a short query is none for a reader", "[.][postgresql]") {
  CHECK(pipelined_reader::can_execute(retrieve(1)));
  CHECK(pipelined_reader::can_execute(list_people({})));
  auto all = list_people({});
  std::get<list_command>(all.body).rows.limit.reset();
  CHECK_FALSE(pipelined_reader::can_execute(all));
  auto counted = list_people({});
  std::get<list_command>(counted.body).with_count = true;
  CHECK_FALSE(pipelined_reader::can_execute(counted));
}

TEST_CASE("what needs no query is answered at once", "[.][postgresql]") {
  bench x;
  x.ask({retrieve_command{.where = {.model = &model_of<person>(), .key = std::string{"x"}}}});
  x.ask({retrieve_command{
      .where = {.model = &model_of<person>(), .key = std::string{"a\0b", 3}, .field = 1}}});
  REQUIRE(x.answers.size() == 2);
  CHECK(x.answers[0].error->code == store_errc::not_found);
  CHECK(x.answers[1].error->code == store_errc::not_found);
}

TEST_CASE("a read that fails fails alone", "[.][postgresql]") {
  bench x;
  execute_postgresql("ALTER TABLE test_person RENAME TO real_person; "
                     "CREATE VIEW test_person AS SELECT id / (id - 2) * (id - 2) AS id, username, "
                     "nickname FROM real_person");
  for (auto key : {1, 2, 3}) {
    x.ask(retrieve(key));
  }
  x.finish();
  // Each of them looks at all rows.
  REQUIRE(x.answers.size() + static_cast<std::size_t>(x.handed_back) == 3);
  for (const auto& answer : x.answers) {
    CHECK(answer.error->code == store_errc::failed);
    CHECK_THAT(answer.error->text, Catch::Contains("division by zero"));
  }
  execute_postgresql("DROP VIEW test_person; ALTER TABLE real_person RENAME TO test_person");
  x.answers.clear();
  x.ask(retrieve(3));
  x.finish();
  CHECK((x.handed_back > 0 || name_of(x.answers.at(0)) == "c"));
}

TEST_CASE("nothing waits behind a read that takes long", "[.][postgresql]") {
  bench x;
  slow_down("username = 'b'");
  x.ask(list_people(column<&person::username> == "b"));
  x.ask(retrieve(1));
  x.ask(retrieve(3));
  x.reader->flush();
  x.reader->hand_back_waiting();
  CHECK(x.handed_back == 2);
  CHECK(x.reader->load() == 1);
  x.finish();
  REQUIRE(x.answers.size() == 1);
  CHECK(name_of(x.answers[0]) == "b");
  x.ask(retrieve(1));
  x.finish();
  CHECK(name_of(x.answers.at(1)) == "a");
}

TEST_CASE("a read that takes longer than a statement may is unavailable", "[.][postgresql]") {
  auto options = empty_options();
  options.statement_timeout = 100ms;
  bench x{options};
  slow_down("username = 'b'");
  x.ask(list_people(column<&person::username> == "b"));
  x.finish();
  REQUIRE(x.answers.size() == 1);
  CHECK(x.answers[0].error->code == store_errc::unavailable);
}

TEST_CASE("what is under way when the connection ends is handed back", "[.][postgresql]") {
  bench x;
  x.ask(retrieve(1));
  query_postgresql("SELECT pg_terminate_backend(" + server_process() + ")");
  x.finish();
  CHECK(x.answers.size() + static_cast<std::size_t>(x.handed_back) == 1);
  while (!x.reader->is_lost()) {
    pollfd waiting{x.reader->socket(), POLLIN, 0};
    ::poll(&waiting, 1, 100);
    x.reader->receive();
  }
  CHECK(x.reader->load() == 0);
}

TEST_CASE("a database that does not answer is given up", "[.][postgresql]") {
  auto options = empty_options();
  options.statement_timeout = 100ms;
  bench x{options};
  CHECK(x.reader->patience() == 1100ms);
  auto process = static_cast<pid_t>(std::stol(server_process()));
  REQUIRE(::kill(process, SIGSTOP) == 0);

  SECTION("by a reader") {
    x.ask(retrieve(1));
    x.finish(x.reader->patience());
    CHECK(x.answers.empty());
    x.reader->give_up();
    REQUIRE(x.answers.size() == 1);
    CHECK(x.answers[0].error->code == store_errc::unavailable);
    CHECK(x.reader->is_lost());
  }
  ::kill(process, SIGCONT);
}

TEST_CASE("a read waits for a connection that does not answer, but not for ever",
          "[.][postgresql]") {
  auto options = empty_options();
  options.statement_timeout = 100ms;
  database db{options, all_models()};
  db.migrate();
  create(db, person{.username = "a"});
  auto process = static_cast<pid_t>(std::stol(server_process()));
  REQUIRE(::kill(process, SIGSTOP) == 0);
  // It is asked again on a new one.
  auto result = answer_of(db, count_people());
  ::kill(process, SIGCONT);
  REQUIRE_FALSE(result.error);
  CHECK(result.count == 1);
}

TEST_CASE("an interruption ends what waits, and what would", "[.][postgresql]") {
  auto options = empty_options();
  database db{options, all_models()};
  db.migrate();
  create(db, person{.username = "a"});
  slow_down("true");
  store_result result;
  std::thread waiting{[&] { result = answer_of(db, count_people()); }};
  while (query_postgresql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dcrf' "
                          "AND wait_event = 'PgSleep'")
         == "0") {
    std::this_thread::yield();
  }
  db.interrupt();
  waiting.join();
  REQUIRE(result.error);
  CHECK(result.error->code == store_errc::unavailable);
  CHECK(answer_of(db, count_people()).error->code == store_errc::unavailable);
}

} // namespace pipelined_reader_tests
