#include "dcrf/store/internal/command_queue.hpp"
#include "dcrf/store/internal/test_models.hpp"

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <barrier>
#include <thread>

namespace postgresql_tests {

using namespace dcrf;
using namespace dcrf::store_test;

// These run only where DCRF_TEST_DATABASE names a database: see scripts/postgresql.
namespace {

command make(std::string name, std::uint64_t transaction = 0) {
  return {create_command{.model = &model_of<person>(),
                         .values = to_record(person{.username = std::move(name)})},
          transaction};
}

command rename(std::int64_t key, std::string to) {
  return {update_command{.where = by_key<person>(key), .changes = {{1, std::move(to)}}}};
}

std::int64_t count(database& db) {
  return run(db, {count_command{.rows = {.model = &model_of<person>()}}}).result.count;
}

// What a server that is restarted does to its connections.
void end_connections() {
  query_postgresql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                   "WHERE application_name = 'dcrf'");
  while (query_postgresql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dcrf'")
         != "0") {
    std::this_thread::yield();
  }
}

store_error error_of_opening(const std::string& url) {
  try {
    database{{.url = url}, all_models()};
  } catch (const store_failure& e) {
    return e.error();
  }
  FAIL("opened " << url);
  return {};
}

// The result of the command that comes last.
store_result run_all(command_queue& queue, std::vector<command> commands) {
  store_result last;
  for (auto& x : commands) {
    queue.push(std::move(x), [&](store_result result) { last = std::move(result); });
  }
  queue.run();
  return last;
}

std::string refusal(const std::string& sql) {
  auto options = empty_options();
  execute_postgresql(sql);
  try {
    database{options, schema::of<person, place>()}.migrate();
  } catch (const store_failure& e) {
    return e.what();
  }
  FAIL("migrated");
  return {};
}

constexpr auto people_table =
    "CREATE TABLE test_person (id bigserial PRIMARY KEY, username varchar(30) NOT NULL UNIQUE, "
    "nickname text UNIQUE);";

} // namespace

TEST_CASE("a server that can't be reached is named, its password is not", "[.][postgresql]") {
  auto error = error_of_opening("postgresql://me:secret@127.0.0.1:1/nowhere");
  CHECK(error.code == store_errc::unavailable);
  CHECK_THAT(error.text, Catch::Contains("postgresql://me@127.0.0.1:1/nowhere")
                             && Catch::Contains("Connection refused"));
  CHECK_THAT(error_of_opening("postgresql://x?nonsense=1").text, Catch::Contains("nonsense"));
  CHECK_THAT(error.text + error_of_opening("postgresql://me:secret@x:port/").text,
             !Catch::Contains("secret"));
}

TEST_CASE("a connection that ends while nobody uses it is made anew", "[.][postgresql]") {
  auto db = empty_database();
  create(db, person{.username = "a"});
  end_connections();
  CHECK(create(db, person{.username = "b"}).id == 2);
  end_connections();
  CHECK(count(db) == 2);
}

TEST_CASE("what is in flight when the connection ends is unavailable, what follows works",
          "[.][postgresql]") {
  auto db = empty_database();
  std::size_t announced = 0;
  command_queue queue{db, [&](const auto& x) { announced += x.changes.size(); }};
  auto id = run_all(queue, {{begin_command{}}}).transaction;
  REQUIRE_FALSE(run_all(queue, {make("a", id)}).error);

  SECTION("before a command") {
    end_connections();
    auto lost = run_all(queue, {make("b", id)});
    REQUIRE(lost.error);
    CHECK(lost.error->code == store_errc::unavailable);
    CHECK(run_all(queue, {{commit_command{}, id}}).error->code == store_errc::unavailable);
  }
  SECTION("before the commit") {
    end_connections();
    CHECK(run_all(queue, {{commit_command{}, id}}).error->code == store_errc::unavailable);
  }
  CHECK(announced == 0);
  CHECK_FALSE(run_all(queue, {make("a")}).error);
  CHECK(announced == 1);
  CHECK(count(db) == 1);
}

TEST_CASE("times without an end are null, and named", "[.][postgresql]") {
  std::vector<std::string> told;
  auto options = empty_options();
  options.report = [&told](const std::string& sentence) { told.push_back(sentence); };
  database db{options, all_models()};
  db.migrate();
  auto id = create(db, sample{}).id;
  execute_postgresql("UPDATE test_sample SET \"at\" = 'infinity', day = '-infinity', "
                     "maybe_at = '-infinity', price = 'NaN', ratio = 'Infinity'");
  auto done = run(db, {retrieve_command{by_key<sample>(id)}});
  REQUIRE(done.result.rows.size() == 1);
  const auto& values = done.result.rows.front().values;
  for (const auto* field : {"at", "day", "maybe_at", "price"}) {
    CHECK(is_null(values[model_of<sample>().find_field(field).value()]));
  }
  CHECK(told.size() == 4);
  CHECK_THAT(told.front(), Catch::Contains("of the row " + id.to_string() + " can't be read"));
  CHECK(db.find_unreadable().size() == 4);
  CHECK_FALSE(run(db, {delete_command{by_key<sample>(id)}}).result.error);
}

TEST_CASE("a lock that another node holds is waited for, but not for ever", "[.][postgresql]") {
  auto options = empty_options();
  options.busy_timeout = std::chrono::milliseconds{30};
  database db{options, all_models()};
  db.migrate();
  create(db, person{.username = "a"});
  database other{options, all_models()};
  {
    unit_of_work held{other};
    REQUIRE_FALSE(held.execute(rename(1, "x")).error);
    auto done = run(db, rename(1, "y"));
    REQUIRE(done.result.error);
    CHECK(done.result.error->code == store_errc::unavailable);
    CHECK(count(db) == 1);
  }
  CHECK_FALSE(run(db, rename(1, "y")).result.error);
}

TEST_CASE("statements and idle transactions have bounds, which the URL may set otherwise",
          "[.][postgresql]") {
  auto options = empty_options();
  {
    database{options, all_models()}.migrate();
  }
  execute_postgresql(
      "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "NEW.nickname = concat_ws(' ', current_setting('statement_timeout'), "
      "current_setting('idle_in_transaction_session_timeout'), current_setting('lock_timeout')); "
      "IF NEW.username = 'slow' THEN PERFORM pg_sleep(60); END IF; RETURN NEW; END $$;"
      "CREATE TRIGGER tell BEFORE INSERT ON test_person FOR EACH ROW EXECUTE FUNCTION tell()");
  auto told = [](database& db, std::string name) {
    auto error = run(db, make(std::move(name))).result.error;
    auto nickname = query_postgresql("SELECT nickname FROM test_person");
    execute_postgresql("DELETE FROM test_person");
    return error ? error->code == store_errc::unavailable ? "unavailable" : error->text : nickname;
  };
  database usual{options, all_models()};
  CHECK(told(usual, "x") == "10s 1min 5s");
  options.url += "%20-cstatement_timeout%3D100ms%20-cidle_in_transaction_session_timeout%3D7s";
  database bounded{options, all_models()};
  CHECK(told(bounded, "x") == "100ms 7s 5s");
  CHECK(told(bounded, "slow") == "unavailable");
  CHECK(told(bounded, "y") == "100ms 7s 5s");
}

TEST_CASE("the transaction of a node that does nothing is ended, and others go on",
          "[.][postgresql]") {
  auto options = empty_options();
  database db{options, all_models()};
  db.migrate();
  create(db, person{.username = "a"});
  auto hanging = options;
  hanging.url += "%20-cidle_in_transaction_session_timeout%3D50ms";
  database other{hanging, all_models()};
  unit_of_work held{other};
  REQUIRE_FALSE(held.execute(rename(1, "x")).error);
  CHECK_FALSE(run(db, rename(1, "y")).result.error);
  CHECK_THROWS_AS(held.commit(), store_failure);
  CHECK(query_postgresql("SELECT username FROM test_person") == "y");
}

TEST_CASE("a server that takes connections and says nothing is given up", "[.][postgresql]") {
  auto listening = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* address = reinterpret_cast<sockaddr*>(&at);
  REQUIRE(::bind(listening, address, size) == 0);
  REQUIRE(::listen(listening, 1) == 0);
  REQUIRE(::getsockname(listening, address, &size) == 0);
  auto url = "postgresql://127.0.0.1:" + std::to_string(ntohs(at.sin_port)) + "/x";
  auto error = error_of_opening(url + "?connect_timeout=2");
  CHECK(error.code == store_errc::unavailable);
  CHECK_THAT(error.text, Catch::Contains("timeout expired"));
  ::close(listening);
}

TEST_CASE("a command that fails first in a transaction leaves the transaction usable",
          "[.][postgresql]") {
  auto db = empty_database();
  create(db, person{.username = "taken"});
  std::size_t announced = 0;
  command_queue queue{db, [&](const auto& x) { announced += x.changes.size(); }};
  auto id = run_all(queue, {{begin_command{}}}).transaction;
  CHECK(run_all(queue, {make("taken", id)}).error->code == store_errc::invalid);
  CHECK_FALSE(run_all(queue, {make("b", id)}).error);
  // Within a savepoint that is the first thing of a transaction, too.
  CHECK_FALSE(run_all(queue, {{commit_command{}, id}}).error);
  id = run_all(queue, {{begin_command{}}}).transaction;
  REQUIRE_FALSE(run_all(queue, {{begin_command{}, id}}).error);
  CHECK_FALSE(run_all(queue, {make("undone", id)}).error);
  CHECK(run_all(queue, {make("taken", id)}).error->code == store_errc::invalid);
  CHECK_FALSE(run_all(queue, {{rollback_command{}, id}}).error);
  CHECK_FALSE(run_all(queue, {make("c", id)}).error);
  CHECK_FALSE(run_all(queue, {{commit_command{}, id}}).error);
  CHECK(query_postgresql("SELECT string_agg(username, ' ' ORDER BY id) FROM test_person")
        == "taken b c");
  CHECK(announced == 2);
}

TEST_CASE("groups of two nodes that lock each other out are run again", "[.][postgresql]") {
  auto options = empty_options();
  database{options, all_models()}.migrate();
  constexpr int rounds = 8;
  std::barrier together{2};
  std::atomic<int> failures{0};
  auto rollbacks = [] {
    return std::stoll(query_postgresql(
        "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()"));
  };
  auto before = rollbacks();
  {
    database db{options, all_models()};
    create(db, person{.username = "a"});
    create(db, person{.username = "b"});
  }
  auto node = [&](std::int64_t first, std::int64_t second, const std::string& name) {
    database db{options, all_models()};
    command_queue queue{db, [](const auto&) {}};
    for (int i = 0; i < rounds; ++i) {
      together.arrive_and_wait();
      for (auto key : {first, second}) {
        queue.push(rename(key, name + std::to_string(key)),
                   [&](const store_result& result) { failures += result.error ? 1 : 0; });
      }
      queue.run();
    }
  };
  // Whether they meet is up to the machine.
  constexpr int most_attempts = 50;
  for (int i = 0; i < most_attempts && rollbacks() == before; ++i) {
    std::thread forth{node, 1, 2, "x"};
    std::thread back{node, 2, 1, "y"};
    forth.join();
    back.join();
    CHECK(failures == 0);
    // Connections tell what they counted when they end.
    while (query_postgresql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dcrf'")
           != "0") {
      std::this_thread::yield();
    }
  }
  CHECK(rollbacks() > before);
}

TEST_CASE("what can be run again gives way to what can't", "[.][postgresql]") {
  auto options = empty_options();
  database first{options, all_models()};
  first.migrate();
  create(first, person{.username = "a"});
  create(first, person{.username = "b"});
  database second{options, all_models()};
  auto waiting = [] {
    return query_postgresql("SELECT query_start FROM pg_stat_activity WHERE application_name = "
                            "'dcrf' AND wait_event_type = 'Lock'");
  };
  auto wait_for_lock = [&] {
    std::string result;
    while ((result = waiting()).empty()) {
      std::this_thread::yield();
    }
    return result;
  };
  std::optional<unit_of_work> open{std::in_place, first};

  SECTION("where each waits for the other") {
    // Also where what came first has failed.
    if (GENERATE(false, true)) {
      REQUIRE(open->execute(make("a")).error);
    }
    REQUIRE_FALSE(open->execute(rename(1, "x")).error);
    std::optional<unit_of_work> group{std::in_place, second, unit_of_work::access::retried_write};
    REQUIRE_FALSE(group->execute(rename(2, "y")).error);
    store_result result;
    // It has waited for longer, so PostgreSQL would choose this one.
    std::thread behind{[&] { result = open->execute(rename(2, "z")); }};
    wait_for_lock();
    CHECK(group->execute(rename(1, "y")).error);
    CHECK(group->has_conflict());
    group.reset();
    behind.join();
    CHECK_FALSE(result.error);
    open->commit();
  }
  SECTION("again and again, within the time that a lock may take") {
    REQUIRE_FALSE(open->execute(rename(1, "x")).error);
    store_result result;
    std::thread behind{[&] {
      command_queue queue{second, [](const auto&) {}};
      result = run_all(queue, {rename(1, "y")});
    }};
    auto attempt = wait_for_lock();
    while (wait_for_lock() == attempt) {
    }
    open->commit();
    behind.join();
    CHECK_FALSE(result.error);
  }
}

TEST_CASE("a read waits while another program changes the table", "[.][postgresql]") {
  auto options = empty_options();
  database db{options, all_models()};
  db.migrate();
  create(db, person{.username = "a"});
  auto locks = [](const std::string& mode) {
    return query_postgresql("SELECT count(*) FROM pg_locks WHERE mode = '" + mode + "'");
  };
  // Longer than a read waits at a time.
  std::thread changing{[] {
    query_postgresql("BEGIN; LOCK TABLE " + std::string{model_of<person>().table}
                     + " IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(1); COMMIT");
  }};
  while (locks("AccessExclusiveLock") == "0") {
    std::this_thread::yield();
  }
  command_queue queue{db, [](const auto&) {}};
  auto result = run_all(queue, {{count_command{.rows = {.model = &model_of<person>()}}}});
  changing.join();
  REQUIRE_FALSE(result.error);
  CHECK(result.count == 1);
}

TEST_CASE("a write waits for another node's and goes on from what that left", "[.][postgresql]") {
  auto options = empty_options();
  database first{options, all_models()};
  first.migrate();
  database second{options, all_models()};
  create(first, person{.username = "a"});
  create(first, place{.name = "p", .host = 1});

  auto wait_for_lock = [] {
    while (query_postgresql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dcrf' "
                            "AND wait_event_type = 'Lock'")
           == "0") {
      std::this_thread::yield();
    }
  };
  outcome done;
  std::optional<unit_of_work> open{std::in_place, first};
  auto behind = [&](command x) {
    std::thread waiting{[&] { done = run(second, std::move(x)); }};
    wait_for_lock();
    open->commit();
    waiting.join();
    REQUIRE_FALSE(done.result.error);
  };

  SECTION("an update sees the row as it was left") {
    REQUIRE_FALSE(open->execute(rename(1, "b")).error);
    behind(rename(1, "c"));
    CHECK((*done.changes.front().before)[1] == value{std::string{"b"}});
  }
  SECTION("a cascade takes along what was added meanwhile") {
    REQUIRE_FALSE(open->execute({create_command{.model = &model_of<note>(),
                                                .values = to_record(note{.place = 1})}})
                      .error);
    behind({delete_command{by_key<place>(std::int64_t{1})}});
    REQUIRE(done.changes.size() == 2);
    CHECK(done.changes.front().model == &model_of<note>());
  }
  SECTION("a value that was taken meanwhile is an error of its field") {
    REQUIRE_FALSE(open->execute(make("new")).error);
    std::thread waiting{[&] { done = run(second, make("new")); }};
    wait_for_lock();
    open->commit();
    waiting.join();
    REQUIRE(done.result.error);
    CHECK(done.result.error->errors.to_json_text().str()
          == R"({"username":["person with this username already exists."]})");
  }
}

TEST_CASE("versions of a row grow over all nodes", "[.][postgresql]") {
  auto options = empty_options();
  database first{options, all_models()};
  first.migrate();
  database second{options, all_models()};
  create(first, person{.username = "a"});
  std::uint64_t last = 0;
  for (int i = 0; i < 6; ++i) {
    auto done = run(i % 2 == 0 ? first : second, rename(1, std::to_string(i)));
    REQUIRE(done.changes.size() == 1);
    CHECK(done.changes.front().version > last);
    last = done.changes.front().version;
  }
}

TEST_CASE("keys that nodes give and those that are counted don't meet", "[.][postgresql]") {
  auto options = empty_options();
  database{options, all_models()}.migrate();
  std::atomic<int> failures{0};
  auto node = [&](std::int64_t step, const std::string& name) {
    database db{options, all_models()};
    command_queue queue{db, [](const auto&) {}};
    for (std::int64_t i = 1; i <= 60; ++i) {
      auto key = step == 0 ? 0 : 1000 + i * step;
      queue.push({create_command{
                     .model = &model_of<person>(),
                     .values = to_record(person{.id = key, .username = name + std::to_string(i)})}},
                 [&](const store_result& result) { failures += result.error ? 1 : 0; });
      queue.run();
    }
  };
  std::thread counting{node, 0, "counted"};
  std::thread giving{node, 100, "given"};
  counting.join();
  giving.join();
  CHECK(failures == 0);
  database db{options, all_models()};
  CHECK(count(db) == 120);
  CHECK(create(db, person{.username = "last"}).id > 7000);
}

TEST_CASE("creations that come together are one statement, and a transaction", "[.][postgresql]") {
  auto db = empty_database();
  execute_postgresql("CREATE TABLE told (transaction xid8);"
                     "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                     "INSERT INTO told VALUES (pg_current_xact_id()); RETURN NULL; END $$;"
                     "CREATE TRIGGER tell AFTER INSERT ON test_person EXECUTE FUNCTION tell()");
  std::vector<change> announced;
  command_queue queue{db, [&](const command_queue::committed& done) {
                        for (const auto& changes : done.changes) {
                          REQUIRE(changes.size() == 1);
                          announced.push_back(changes.front());
                        }
                      }};
  std::vector<std::string> names{"a", "{b,\\\"c\"}", "NULL", "", "d'e\nf"};
  std::vector<record> answers;
  for (const auto& name : names) {
    queue.push(make(name), [&](const store_result& result) {
      REQUIRE_FALSE(result.error);
      CHECK(announced.empty());
      answers.push_back(result.rows.at(0).values);
    });
  }
  queue.run();
  CHECK(query_postgresql("SELECT count(*) FROM told") == "1");
  REQUIRE(answers.size() == names.size());
  REQUIRE(announced.size() == names.size());
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto row = from_record<person>(answers[i]);
    CHECK(row.id == static_cast<std::int64_t>(i) + 1);
    CHECK(row.username == names[i]);
    CHECK_FALSE(row.nickname);
    CHECK((announced[i].after == answers[i]));
    CHECK(announced[i].version > last);
    last = announced[i].version;
    CHECK(query_postgresql("SELECT username FROM test_person WHERE id = " + std::to_string(i + 1))
          == names[i]);
  }
  CHECK(db.version() == last);
}

TEST_CASE("a creation that fails among others fails alone", "[.][postgresql]") {
  auto db = empty_database();
  create(db, person{.username = "taken"});
  std::size_t announced = 0;
  command_queue queue{db, [&](const command_queue::committed& done) {
                        for (const auto& changes : done.changes) {
                          announced += changes.size();
                        }
                      }};
  std::vector<bool> is_done;
  for (const auto* name : {"a", "taken", "b"}) {
    queue.push(make(name), [&](const store_result& result) { is_done.push_back(!result.error); });
  }
  queue.run();
  CHECK(is_done == std::vector{true, false, true});
  CHECK(announced == 2);
  CHECK(query_postgresql("SELECT string_agg(username, ' ' ORDER BY id) FROM test_person")
        == "taken a b");
}

TEST_CASE("a row that a trigger leaves out is a failure, and those with it are none",
          "[.][postgresql]") {
  auto db = empty_database();
  execute_postgresql("CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                     "IF NEW.username = 'skipped' THEN RETURN NULL; END IF; RETURN NEW; END $$;"
                     "CREATE TRIGGER skip BEFORE INSERT ON test_person FOR EACH ROW "
                     "EXECUTE FUNCTION skip()");
  command_queue queue{db, [](const command_queue::committed&) {}};
  std::vector<std::string> came_to;
  for (const auto* name : {"a", "skipped", "b"}) {
    queue.push(make(name), [&](const store_result& result) {
      came_to.push_back(result.error ? "failed"
                                     : from_record<person>(result.rows.at(0).values).username);
    });
  }
  queue.run();
  CHECK(came_to == std::vector<std::string>{"a", "failed", "b"});
  CHECK(query_postgresql("SELECT string_agg(username, ' ' ORDER BY id) FROM test_person") == "a b");
}

TEST_CASE("texts with a NUL are refused by field, and nothing equals them", "[.][postgresql]") {
  auto db = empty_database();
  const std::string with_nul{"a\0b", 3};
  auto done = run(db, make(with_nul));
  REQUIRE(done.result.error);
  CHECK(done.result.error->errors.to_json_text().str()
        == R"({"username":["Null characters are not allowed."]})");
  create(db, person{.username = "a"});
  lookup where{.model = &model_of<person>(), .key = with_nul, .field = 1};
  CHECK(run(db, {retrieve_command{where}}).result.error->code == store_errc::not_found);
  auto found = [&](condition_on<person> x) {
    return run(db, {count_command{.rows = {.model = &model_of<person>(), .where = x.value}}})
        .result.count;
  };
  constexpr auto name = column<&person::username>;
  CHECK(found(name == with_nul) == 0);
  CHECK(found(name != with_nul) == 1);
  CHECK(found(name < with_nul) == 1);
  CHECK(found(name.contains(with_nul)) == 0);
  CHECK(found(name.in({with_nul, "a"})) == 1);
}

TEST_CASE("values that no field can hold are null, and named", "[.][postgresql]") {
  auto x = GENERATE(Catch::Generators::values<std::pair<const char*, const char*>>({
      {"at = 'infinity'", "test_sample.at"},
      {"at = '0044-03-15 BC'", "test_sample.at"},
      {"price = 'NaN'", "test_sample.price"},
  }));
  std::vector<std::string> told;
  auto options = empty_options();
  options.report = [&told](const std::string& sentence) { told.push_back(sentence); };
  database db{options, all_models()};
  db.migrate();
  create(db, sample{});
  execute_postgresql(std::string{"UPDATE test_sample SET "} + x.first);
  auto done = run(db, {list_command{.rows = {.model = &model_of<sample>()}}});
  CHECK(done.result.rows.size() == 1);
  REQUIRE(told.size() == 1);
  CHECK_THAT(told.front(), Catch::StartsWith(x.second));
}

TEST_CASE("columns have PostgreSQL's own types", "[.][postgresql]") {
  auto db = empty_database();
  CHECK(query_postgresql(
            "SELECT string_agg(format_type(atttypid, atttypmod), ', ' ORDER BY attnum) "
            "FROM pg_attribute WHERE attrelid = 'test_sample'::regclass AND attnum BETWEEN 1 AND "
            "11")
        == "uuid, boolean, bigint, bigint, double precision, text, numeric(18,2), date, timestamp "
           "with time zone, text, json");
}

TEST_CASE("what is missing in PostgreSQL is added", "[.][postgresql]") {
  auto options = empty_options();
  execute_postgresql(std::string{people_table}
                     + "ALTER TABLE test_person DROP COLUMN nickname;"
                       "INSERT INTO test_person (username) VALUES ('a'), ('b')");
  database db{options, schema::of<person, place>()};
  auto steps = db.migrate();
  CHECK(steps.at(0) == "Added the column test_person.nickname.");
  CHECK(db.migrate().empty());
  CHECK(create(db, person{.username = "c"}).id == 3);
  CHECK_FALSE(run(db, {create_command{.model = &model_of<place>(),
                                      .values = to_record(place{.name = "x", .host = 1})}})
                  .result.error);
  CHECK(query_postgresql("SELECT version FROM dcrf_schema") == "1");
}

TEST_CASE("what PostgreSQL can't do without guessing is refused", "[.][postgresql]") {
  const std::string places =
      "CREATE TABLE test_place (id bigserial PRIMARY KEY, name text NOT NULL "
      "UNIQUE, deputy bigint REFERENCES test_person ON DELETE SET NULL, ";
  struct difference {
    std::string sql;
    std::string reason;
  };
  auto x = GENERATE_COPY(Catch::Generators::values<difference>({
      {"CREATE TABLE test_person (id bigserial PRIMARY KEY, username int NOT NULL, nickname text)",
       "its column \"username\" has the type integer, but the model wants text"},
      {"CREATE TABLE test_person (id bigserial PRIMARY KEY, username text, nickname text)",
       "its column \"username\" may be null, but the model wants the opposite"},
      {"CREATE TABLE test_person (id bigint PRIMARY KEY, username text NOT NULL, nickname text)",
       "its column \"id\" is a primary key without GENERATED AS IDENTITY"},
      {"CREATE TABLE test_person (id bigserial PRIMARY KEY, nickname text); "
       "INSERT INTO test_person DEFAULT VALUES",
       "its column \"username\" is new, may not be null and has no default"},
      {people_table + std::string{"ALTER TABLE test_person ADD age int NOT NULL"},
       "its column \"age\" is not in the model, and no row could be inserted without it"},
      {people_table + places + "host bigint NOT NULL REFERENCES test_person)",
       "its column \"host\" refers to test_person.id (ON DELETE NO ACTION), but in the model it "
       "refers to test_person.id (ON DELETE CASCADE)"},
  }));
  CHECK_THAT(refusal(x.sql), Catch::Contains(x.reason));
}

TEST_CASE("nodes that start at once migrate one after the other", "[.][postgresql]") {
  auto options = empty_options();
  std::atomic<int> steps{0};
  std::vector<std::thread> nodes;
  for (int i = 0; i < 4; ++i) {
    nodes.emplace_back([&] { steps += database{options, all_models()}.migrate().empty() ? 0 : 1; });
  }
  std::ranges::for_each(nodes, &std::thread::join);
  CHECK(steps == 1);
}

} // namespace postgresql_tests
