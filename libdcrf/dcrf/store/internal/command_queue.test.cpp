#include "dcrf/store/internal/command_queue.hpp"

#include "dcrf/store/internal/test_models.hpp"
#include "dcrf/store/internal/test_sql.hpp"

#include <catch2/catch.hpp>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <utility>

namespace command_queue_tests {

using namespace dcrf;
using namespace dcrf::store_test;

namespace {

command make(std::string name, std::uint64_t transaction = 0) {
  return {create_command{.model = &model_of<person>(),
                         .values = to_record(person{.username = std::move(name)})},
          transaction};
}

command count(std::uint64_t transaction = 0) {
  return {count_command{.rows = {.model = &model_of<person>()}}, transaction};
}

// A queue and a log of what came out of it.
struct fixture {
  explicit fixture(database x, command_queue::limits bounds = {})
      : db(std::move(x)),
        queue(
            db,
            [this](const command_queue::committed& done) {
              for (const auto& changes : done.changes) {
                std::string names;
                for (const auto& one : changes) {
                  names += ' ' + to_string(one.last()[1]);
                }
                log.push_back("announced" + names);
              }
            },
            bounds) {}

  void push(std::string name, command x) {
    queue.push(std::move(x), [this, name](store_result result) {
      log.push_back(name + (result.error ? " failed" : ""));
      last = std::move(result);
    });
  }

  std::uint64_t begin() {
    push("begin", {begin_command{}});
    queue.run();
    return last.transaction;
  }

  std::vector<std::string> take_log() { return std::exchange(log, {}); }

  std::vector<std::string> log;
  store_result last;
  database db;
  command_queue queue;
};

// As on a full disk, no file of this process grows beyond a size.
class file_size_limit {
public:
  explicit file_size_limit(rlim_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;
  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

private:
  rlimit old_{};
  void (*old_handler_)(int);
};

using lines = std::vector<std::string>;

} // namespace

TEST_CASE("queued writes are answered together, and announced afterwards", "[queue]") {
  fixture x{empty_database()};
  x.push("read", count());
  x.push("a", make("a"));
  x.push("again", make("a"));
  x.push("count", count());
  x.push("b", make("b"));
  CHECK(x.log.empty());
  CHECK_FALSE(x.queue.empty());
  x.queue.run();
  CHECK(x.queue.empty());
  CHECK(x.take_log()
        == lines{"read", "a", "again failed", "count", "b", "announced a", "announced b"});
}

TEST_CASE("a group is bounded", "[queue]") {
  fixture x{empty_database(), {.group = 2}};
  for (const auto* name : {"a", "b", "c"}) {
    x.push(name, make(name));
  }
  x.queue.run();
  CHECK(x.take_log() == lines{"a", "b", "announced a", "announced b", "c", "announced c"});
}

TEST_CASE("others wait for an open transaction, which is announced as one", "[queue]") {
  fixture x{empty_database()};
  auto id = x.begin();
  REQUIRE(id != 0);
  x.push("outside", count());
  x.push("a", make("a", id));
  x.push("again", make("a", id));
  x.push("b", make("b", id));
  x.push("inside", count(id));
  x.queue.run();
  CHECK(x.last.count == 2);
  CHECK(x.take_log() == lines{"begin", "a", "again failed", "b", "inside"});
  x.push("commit", {commit_command{}, id});
  x.queue.run();
  CHECK(x.take_log() == lines{"commit", "announced a b", "outside"});
  CHECK(x.last.count == 2);

  x.push("late", make("c", id));
  x.queue.run();
  CHECK(x.last.error->code == store_errc::no_transaction);
}

TEST_CASE("what is rolled back is not announced", "[queue]") {
  fixture x{empty_database(), {.transaction_timeout = std::chrono::seconds{10}}};
  auto id = x.begin();
  x.push("a", make("a", id));
  x.push("after", count());
  x.queue.run();

  SECTION("by command") {
    x.push("rollback", {rollback_command{}, id});
    x.queue.run();
    CHECK(x.take_log() == lines{"begin", "a", "rollback", "after"});
  }
  SECTION("by its owner's death") {
    x.queue.abandon(id + 1);
    CHECK(x.log.size() == 2);
    x.queue.abandon(id);
    CHECK(x.take_log() == lines{"begin", "a", "after"});
  }
  SECTION("by its deadline") {
    REQUIRE(x.queue.deadline());
    x.queue.expire(*x.queue.deadline() - std::chrono::milliseconds{1});
    CHECK(x.log.size() == 2);
    x.queue.expire(*x.queue.deadline());
    CHECK(x.take_log() == lines{"begin", "a", "after"});
    x.push("late", {commit_command{}, id});
    x.queue.run();
    CHECK(x.last.error->code == store_errc::no_transaction);
    return;
  }
  CHECK(x.last.count == 0);
  CHECK_FALSE(x.queue.deadline());
}

TEST_CASE("one transaction waits for another", "[queue]") {
  fixture x{empty_database()};
  auto first = x.begin();
  x.push("second", {begin_command{}});
  x.push("third", count());
  x.queue.run();
  x.push("commit", {commit_command{}, first});
  x.queue.run();
  CHECK(x.take_log() == lines{"begin", "commit", "second"});
  CHECK(x.last.transaction != first);
}

TEST_CASE("a transaction within a transaction is a savepoint", "[queue]") {
  fixture x{empty_database()};
  auto id = x.begin();
  x.push("outer", make("outer", id));
  x.push("savepoint", {begin_command{}, id});
  x.push("inner", make("inner", id));
  SECTION("which is undone alone") {
    x.push("back", {rollback_command{}, id});
    x.push("again", make("inner", id));
    x.push("commit", {commit_command{}, id});
    x.queue.run();
    CHECK(x.take_log()
          == lines{"begin", "outer", "savepoint", "inner", "back", "again", "commit",
                   "announced outer inner"});
  }
  SECTION("which stays only if the transaction does") {
    x.push("keep", {commit_command{}, id});
    x.push("back", {rollback_command{}, id});
    x.push("after", make("inner"));
    x.queue.run();
    CHECK(x.take_log()
          == lines{"begin", "outer", "savepoint", "inner", "keep", "back", "after",
                   "announced inner"});
  }
}

TEST_CASE("whoever is answered may ask again", "[queue]") {
  fixture x{empty_database()};
  x.queue.push(make("a"), [&](store_result) {
    x.log.push_back("a");
    x.push("nested", make("b"));
    x.queue.run();
  });
  x.queue.run();
  CHECK(x.take_log() == lines{"a", "announced a", "nested", "announced b"});
}

TEST_CASE("a database locked by another is unavailable for writes, and works later",
          "[queue][sqlite]") {
  temporary_folder folder;
  database_options options{.url = folder.url("x.db"), .busy_timeout = std::chrono::milliseconds{5}};
  fixture x{database{options, all_models()}};
  x.db.migrate();
  database other{options, all_models()};
  {
    unit_of_work held{other};
    x.push("a", make("a"));
    x.push("count", count());
    x.queue.run();
    CHECK(x.take_log() == lines{"a failed", "count"});
    x.push("begin", {begin_command{}});
    x.queue.run();
    REQUIRE(x.last.error);
    CHECK(x.last.error->code == store_errc::unavailable);
    CHECK(x.take_log() == lines{"begin failed"});
  }
  x.push("a", make("a"));
  x.queue.run();
  CHECK(x.take_log() == lines{"a", "announced a"});
}

TEST_CASE("if the disk is full, the whole group failed", "[queue][sqlite]") {
  temporary_folder folder;
  fixture x{database{{.url = folder.url("x.db")}, all_models()}};
  x.db.migrate();
  {
    file_size_limit limit{200'000};
    x.push("a", make("a"));
    x.push("big", make(std::string(10'000'000, 'x')));
    x.push("count", count());
    x.queue.run();
  }
  CHECK(x.take_log() == lines{"a failed", "big failed", "count failed"});
  CHECK(x.last.error->code == store_errc::unavailable);
  x.push("count", count());
  x.queue.run();
  CHECK(x.last.count == 0);
}

namespace {

// The keys that people with these names have got, in the order of their creations, which all run
// together; 0 for those that failed.
std::vector<std::int64_t> keys_of(fixture& x, const std::vector<std::string>& names) {
  std::vector<std::int64_t> keys;
  for (const auto& name : names) {
    x.queue.push(make(name), [&keys, name](const store_result& result) {
      if (result.error) {
        keys.push_back(0);
        return;
      }
      const auto& values = result.rows.front().values;
      CHECK(to_string(values[1]) == name);
      keys.push_back(std::get<std::int64_t>(values[0]));
    });
  }
  x.queue.run();
  return keys;
}

std::vector<std::string> numbered(int count) {
  std::vector<std::string> result;
  for (int i = 1; i <= count; ++i) {
    result.push_back("p" + std::to_string(i));
  }
  return result;
}

std::string name_of(database& db, std::int64_t key) {
  unit_of_work unit{db, unit_of_work::access::read};
  auto found = unit.execute(
      {retrieve_command{.where = {.model = &model_of<person>(), .key = key, .field = 0}}});
  return found.error ? "" : to_string(found.rows.front().values[1]);
}

} // namespace

TEST_CASE("rows that are created together have their own keys, in order", "[queue]") {
  auto count = GENERATE(2, 3, 16, 17, 31, 40);
  fixture x{empty_database()};
  auto names = numbered(count);
  auto keys = keys_of(x, names);
  REQUIRE(keys.size() == names.size());
  lines announced;
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK(keys[i] == static_cast<std::int64_t>(i) + 1);
    CHECK(name_of(x.db, keys[i]) == names[i]);
    announced.push_back("announced " + names[i]);
  }
  CHECK(x.take_log() == announced);
}

TEST_CASE("one of those created together that fails leaves the others alone", "[queue]") {
  auto wrong = GENERATE(0, 1, 7, 15, 16, 19);
  fixture x{empty_database()};
  CHECK(keys_of(x, {"taken"}) == std::vector<std::int64_t>{1});
  auto names = numbered(20);
  names[static_cast<std::size_t>(wrong)] = "taken";
  auto keys = keys_of(x, names);
  std::vector<std::int64_t> expected;
  for (std::int64_t i = 0, next = 2; i < 20; ++i) {
    expected.push_back(i == wrong ? 0 : next++);
  }
  if (!on_postgresql()) { // whose sequences count what fails, too
    CHECK(keys == expected);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK((keys[i] == 0) == (names[i] == "taken"));
    CHECK((keys[i] == 0 || name_of(x.db, keys[i]) == names[i]));
  }
}

TEST_CASE("creations keep their place among other commands", "[queue]") {
  fixture x{empty_database()};
  x.push("a", make("a"));
  x.push("b", make("b"));
  std::vector<std::int64_t> counts;
  auto note = [&counts](const store_result& result) { counts.push_back(result.count); };
  x.queue.push(count(), note);
  x.push("c", make("c"));
  x.push("d", make("d"));
  x.queue.push(count(), note);
  x.queue.run();
  CHECK(counts == std::vector<std::int64_t>{2, 4});
  CHECK(x.take_log()
        == lines{"a", "b", "c", "d", "announced a", "announced b", "announced c", "announced d"});
}

TEST_CASE("references of rows that are created together are checked one by one", "[queue]") {
  fixture x{empty_database()};
  CHECK(keys_of(x, {"host"}) == std::vector<std::int64_t>{1});
  std::vector<bool> succeeded;
  auto push = [&](std::string name, std::int64_t host) {
    x.queue.push(
        {create_command{.model = &model_of<place>(),
                        .values = to_record(place{.name = std::move(name), .host = host})}},
        [&](const store_result& result) { succeeded.push_back(!result.error); });
  };
  push("a", 1);
  push("b", 9);
  push("c", 1);
  push("d", 1);
  x.queue.run();
  CHECK(succeeded == std::vector<bool>{true, false, true, true});
}

TEST_CASE("where a trigger inserts rows of its own, each row has its own key nevertheless",
          "[queue][sqlite]") {
  temporary_folder folder;
  fixture x{database{{.url = folder.url("x.db")}, all_models()}};
  x.db.migrate();
  execute_sql(folder.file("x.db"),
              "CREATE TRIGGER twins AFTER INSERT ON test_person WHEN NEW.username NOT LIKE '%twin' "
              "BEGIN INSERT INTO test_person (username) VALUES (NEW.username || ' twin'); END");
  for (const auto& names : {lines{"a", "b", "c"}, lines{"d", "e"}}) {
    auto keys = keys_of(x, names);
    REQUIRE(keys.size() == names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      CHECK(name_of(x.db, keys[i]) == names[i]);
    }
  }
}

TEST_CASE("an observer that throws what is no exception fails nothing", "[queue]") {
  fixture x{empty_database()};
  x.db.load_with_changes([](const change&) -> std::vector<const fetch_plan*> { throw 1; });
  x.push("first", make("a"));
  x.push("second", make("b"));
  x.queue.run();
  CHECK(x.take_log() == std::vector<std::string>{"first", "second", "announced a", "announced b"});
}

} // namespace command_queue_tests
