#include "dcrf/store/internal/command_queue.hpp"
#include "dcrf/store/internal/test_models.hpp"
#include "dcrf/store/internal/test_sql.hpp"

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <optional>
#include <thread>

using namespace dcrf;
using namespace dcrf::store_test;

namespace dcrf::store_test {

struct receipt {
  uuid id{};
  std::int64_t owner{};
};
BOOST_DESCRIBE_STRUCT(receipt, (), (id, owner))

} // namespace dcrf::store_test

template <>
struct dcrf::model<receipt> {
  static constexpr auto table = "test_receipt";
  using primary_key = dcrf::primary_key<&receipt::id>;
  using fields = dcrf::fields<dcrf::foreign_key<&receipt::owner, person, dcrf::on_delete::cascade>>;
};

namespace database_tests {

namespace {

store_error error_of_opening(const std::string& url) {
  try {
    database{{.url = url}, all_models()};
  } catch (const store_failure& e) {
    return e.error();
  }
  FAIL("opened " << url);
  return {};
}

// Writes people until it is killed, and tells each one that was acknowledged.
[[noreturn]] void write_until_killed(const std::string& url, int out) {
  database db{{.url = url}, all_models()};
  command_queue queue{db, [](const auto&) {}};
  for (std::int64_t i = 0;; ++i) {
    for (int k = 0; k < 5; ++k) {
      auto name = std::to_string(i * 5 + k);
      queue.push({create_command{.model = &model_of<person>(),
                                 .values = to_record(person{.username = name})}},
                 [&](store_result result) {
                   auto key = std::get<std::int64_t>(result.rows.front().values.front());
                   if (::write(out, &key, sizeof key) != sizeof key) {
                     ::_exit(1);
                   }
                 });
    }
    queue.run();
  }
}

} // namespace

TEST_CASE("a database that can't be opened says why", "[database][sqlite]") {
  temporary_folder folder;
  for (const auto* url : {"", "chat.db", "sqlite:chat.db", "mysql://x", "sqlite://",
                          "sqlite://a\"b", "sqlite://a\nb"}) {
    CHECK_THAT(error_of_opening(url).text,
               Catch::Contains("expected is sqlite://FILE or sqlite://:memory: or postgresql://"));
  }
  auto nowhere = error_of_opening(folder.url("no/such/folder.db"));
  CHECK(nowhere.code == store_errc::unavailable);
  CHECK_THAT(nowhere.text, Catch::Contains("unable to open database file"));

  std::ofstream{folder.file("text.db")} << std::string(5000, 'x');
  CHECK_THAT(error_of_opening(folder.url("text.db")).text,
             Catch::Contains("file is not a database"));
  // The folder of processes can't be written to, not even by root.
  CHECK(error_of_opening("sqlite:///proc/dcrf.db").code == store_errc::unavailable);
}

TEST_CASE("any other file name will do", "[database][sqlite]") {
  temporary_folder folder;
  for (const auto* name : {"with two  blanks.db", "a=b.db", "dbname=x timeout=1.db", "file:x?y.db",
                           "it's.db", "\xC3\xBC.db"}) {
    database db{{.url = folder.url(name)}, all_models()};
    db.migrate();
    CHECK(std::filesystem::exists(folder.file(name)));
  }
}

TEST_CASE("a command that fails for want of its table works once it is there",
          "[database][sqlite]") {
  database db{{.url = "sqlite://:memory:"}, all_models()};
  command count{count_command{.rows = {.model = &model_of<person>()}}};
  auto done = run(db, count);
  REQUIRE(done.result.error);
  CHECK(done.result.error->text == "no such table: test_person");
  db.migrate();
  CHECK_FALSE(run(db, count).result.error);
}

TEST_CASE("rows outlive their program", "[database][sqlite]") {
  temporary_folder folder;
  {
    database db{{.url = folder.url("x.db")}, all_models()};
    db.migrate();
    create(db, person{.username = "a"});
  }
  database db{{.url = folder.url("x.db"), .read_only = true}, all_models()};
  CHECK(db.migrate().empty());
  unit_of_work unit{db, unit_of_work::access::read};
  CHECK(unit.execute({count_command{.rows = {.model = &model_of<person>()}}}).count == 1);
}

TEST_CASE("versions grow over restarts", "[database][sqlite]") {
  temporary_folder folder;
  std::uint64_t last = 0;
  for (const auto* name : {"a", "b"}) {
    database db{{.url = folder.url("x.db")}, all_models()};
    db.migrate();
    auto done = run(db, {create_command{.model = &model_of<person>(),
                                        .values = to_record(person{.username = name})}});
    CHECK(done.changes.front().version > last);
    last = done.changes.front().version;
  }
}

TEST_CASE("content that does not fit its field is null, and named", "[database][sqlite]") {
  struct content {
    const char* column;
    const char* literal;
    const char* expected;
  };
  auto x = GENERATE(Catch::Generators::values<content>({
      {"flag", "2", "something else where 0 or 1"},
      {"flag", "'x'", "a text where 0 or 1"},
      {"large", "1.5", "a real where an integer"},
      {"large", "9223372036854775808", "a real where an integer"},
      {"text", "x'00ff'", "a blob where a text"},
      {"text", "NULL", "a null where a text"},
      {"day", "'2024-13-01'", "something else where a text of the form YYYY-MM-DD"},
      {"at", "9223372036854775807", "something else where an integer, the microseconds"},
      {"price", "'1.50'", "a text where an integer, the decimal"},
      {"maybe_uid", "'x'", "something else where a text that is a UUID"},
      {"extra", "'{'", "something else where a text that is JSON"},
  }));
  temporary_folder folder;
  std::vector<std::string> told;
  auto listen = [&told](const std::string& sentence) { told.push_back(sentence); };
  database db{{.url = folder.url("x.db"), .report = listen}, all_models()};
  db.migrate();
  auto id = create(db, sample{.large = 7}).id;
  spoil(folder.file("x.db"), "test_sample", x.column, x.literal);

  auto done = run(db, {list_command{.rows = {.model = &model_of<sample>()}}});
  REQUIRE(done.result.rows.size() == 1);
  const auto& values = done.result.rows.front().values;
  CHECK(is_null(values[model_of<sample>().find_field(x.column).value()]));
  CHECK(values[model_of<sample>().find_field("small").value()] == value{std::int64_t{0}});
  auto place = "test_sample." + std::string{x.column};
  REQUIRE(told.size() == 1);
  CHECK_THAT(told.front(), Catch::StartsWith(place + " of the row " + id.to_string()
                                             + " can't be read: it is " + x.expected));
  auto found = db.find_unreadable();
  REQUIRE(found.size() == 1);
  CHECK_THAT(found.front(), Catch::StartsWith(place + " can't be read in 1 of the rows looked at"));

  // Others are written, and it is repaired, and deleted.
  auto by_id = by_key<sample>(id);
  auto large = model_of<sample>().find_field("maybe_large").value();
  CHECK_FALSE(run(db, {update_command{.where = by_id, .changes = {{large, std::int64_t{1}}}}})
                  .result.error);
  CHECK_FALSE(run(db, {delete_command{by_id}}).result.error);
}

TEST_CASE("a text that is no choice any more is shown as it is", "[database][sqlite]") {
  temporary_folder folder;
  database db{{.url = folder.url("x.db")}, all_models()};
  db.migrate();
  create(db, sample{});
  spoil(folder.file("x.db"), "test_sample", "tone", "'loud'");
  auto done = run(db, {list_command{.rows = {.model = &model_of<sample>()}}});
  REQUIRE(done.result.rows.size() == 1);
  const auto& values = done.result.rows.front().values;
  CHECK(values[model_of<sample>().find_field("tone").value()] == value{std::string{"loud"}});
  CHECK(from_record<sample>(values).tone == shade::light);
  CHECK_THAT(db.find_unreadable().front(),
             Catch::Contains("something else where a text that is one of the field's choices"));
}

TEST_CASE("a row whose key can't be read is left out, and goes with what it refers to",
          "[database][sqlite]") {
  temporary_folder folder;
  database db{{.url = folder.url("x.db")}, schema::of<person, receipt>()};
  db.migrate();
  auto owner = create(db, person{.username = "a"});
  create(db, receipt{.id = uuid::random(), .owner = owner.id});
  auto whole = create(db, receipt{.id = uuid::random(), .owner = owner.id});
  execute_sql(folder.file("x.db"),
              "UPDATE test_receipt SET id = 'x' WHERE id <> '" + whole.id.to_string() + "'");
  auto done = run(db, {list_command{.rows = {.model = &model_of<receipt>()}}});
  CHECK(done.result.rows.size() == 1);
  CHECK_FALSE(run(db, {delete_command{by_key<person>(owner.id)}}).result.error);
  CHECK(query_sql(folder.file("x.db"), "SELECT count(*) FROM test_receipt") == "0");
}

namespace {

// A database whose files somebody touches while it is in use.
struct touched_database {
  touched_database() {
    db.migrate();
    create(db, person{.username = "a"});
  }

  void move(const std::string& from, const std::string& to) const {
    std::filesystem::rename(folder.file(from), folder.file(to));
  }

  // What becomes of a row that is written.
  std::optional<store_errc> write(const std::string& name) {
    try {
      auto done = run(db, {create_command{.model = &model_of<person>(),
                                          .values = to_record(person{.username = name})}});
      return done.result.error ? std::optional{done.result.error->code} : std::nullopt;
    } catch (const store_failure& e) {
      return e.error().code;
    }
  }

  temporary_folder folder;
  std::vector<std::string> told;
  database db{{.url = folder.url("x.db"),
               .report = [this](const std::string& sentence) { told.push_back(sentence); }},
              all_models()};
};

} // namespace

TEST_CASE_METHOD(touched_database, "nothing is acknowledged that goes to a file which is gone",
                 "[database][sqlite]") {
  auto name = GENERATE(as<std::string>{}, "x.db", "x.db-wal");
  SECTION("before the write") {
    move(name, "away");
    if (GENERATE(true, false)) {
      std::ofstream{folder.file(name)}.flush(); // it is another one now
    }
    CHECK(write("b") == store_errc::unavailable);
    CHECK_THROWS_AS((unit_of_work{db, unit_of_work::access::read}), store_failure);
  }
  SECTION("before the commit") {
    unit_of_work unit{db};
    CHECK_FALSE(unit.execute({create_command{.model = &model_of<person>(),
                                             .values = to_record(person{.username = "b"})}})
                    .error);
    move(name, "away");
    CHECK_THROWS_AS(unit.commit(), store_failure);
    CHECK(write("c") == store_errc::unavailable);
  }
  REQUIRE(told.size() == 1);
  CHECK_THAT(told.front(), Catch::Contains("the file " + folder.file(name).string())
                               && Catch::Contains(" while it was in use"));
  std::filesystem::remove(folder.file(name));
  move("away", name);
  CHECK_FALSE(write("d"));
  CHECK(told.size() == 2);
}

TEST_CASE_METHOD(touched_database, "readers find out soon that the file is gone",
                 "[database][sqlite]") {
  database reader{{.url = folder.url("x.db"), .read_only = true}, all_models()};
  move("x.db", "away");
  auto reads = [&reader] {
    try {
      unit_of_work unit{reader, unit_of_work::access::read};
      return true;
    } catch (const store_failure& e) {
      CHECK(e.error().code == store_errc::unavailable);
      return false;
    }
  };
  while (reads()) {
    std::this_thread::yield();
  }
}

TEST_CASE("a log that was removed is written back when the database is closed",
          "[database][sqlite]") {
  temporary_folder folder;
  {
    database db{{.url = folder.url("x.db")}, all_models()};
    db.migrate();
    create(db, person{.username = "a"});
    std::filesystem::remove(folder.file("x.db-wal"));
  }
  CHECK(query_sql(folder.file("x.db"), "SELECT count(*) FROM test_person") == "1");
}

TEST_CASE("a database that took the place of one in use is left alone", "[database][sqlite]") {
  temporary_folder folder;
  {
    database db{{.url = folder.url("x.db")}, all_models()};
    db.migrate();
    create(db, person{.username = "a"});
    for (const auto* name : {"x.db", "x.db-wal", "x.db-shm"}) {
      std::filesystem::remove(folder.file(name));
    }
    execute_sql(folder.file("x.db"), "PRAGMA journal_mode = WAL; CREATE TABLE other (x)");
    std::ofstream{folder.file("x.db-wal")} << "of somebody else";
  }
  CHECK(std::filesystem::file_size(folder.file("x.db-wal")) > 0);
}

TEST_CASE("after the end the file alone has everything, though somebody reads it",
          "[database][sqlite]") {
  temporary_folder folder;
  std::optional<database> reader;
  {
    database db{{.url = folder.url("x.db")}, all_models()};
    db.migrate();
    reader.emplace(database_options{.url = folder.url("x.db"), .read_only = true}, all_models());
    create(db, person{.username = "a"});
  }
  std::filesystem::copy_file(folder.file("x.db"), folder.file("copy.db"));
  CHECK(query_sql(folder.file("copy.db"), "SELECT count(*) FROM test_person") == "1");
}

TEST_CASE("a file that can't be written to is refused", "[database][sqlite]") {
  temporary_folder folder;
  execute_sql(folder.file("x.db"), "CREATE TABLE x (y)");
  std::filesystem::permissions(folder.file("x.db"), std::filesystem::perms::owner_read
                                                        | std::filesystem::perms::group_read
                                                        | std::filesystem::perms::others_read);
  // Root may write to every file.
  auto user = ::geteuid();
  if (user == 0) {
    constexpr uid_t nobody = 65534;
    REQUIRE(::seteuid(nobody) == 0);
  }
  auto error = error_of_opening(folder.url("x.db"));
  REQUIRE(::seteuid(user) == 0);
  CHECK_THAT(error.text, Catch::Contains("the user of this process may not write to its file"));
}

TEST_CASE("a damaged file gives errors", "[database][sqlite]") {
  temporary_folder folder;
  {
    database db{{.url = folder.url("x.db")}, all_models()};
    db.migrate();
    for (int i = 0; i < 400; ++i) {
      create(db, person{.username = std::to_string(i) + std::string(500, 'x')});
    }
  }
  {
    std::fstream file{folder.file("x.db"), std::ios::in | std::ios::out | std::ios::binary};
    // The rows that were added last: the tables' definitions are whole.
    file.seekp(-4096 * 10, std::ios::end);
    file << std::string(4096 * 10, '\xff');
  }
  database db{{.url = folder.url("x.db")}, all_models()};
  unit_of_work unit{db, unit_of_work::access::read};
  auto result = unit.execute({list_command{.rows = {.model = &model_of<person>()}}});
  REQUIRE(result.error);
  CHECK(result.error->code == store_errc::unavailable);
  CHECK(result.error->text == "database disk image is malformed");
  CHECK_FALSE(unit.execute({list_command{.rows = {.model = &model_of<place>()}}}).error);
}

TEST_CASE("what was acknowledged survives the program's sudden end", "[database][sqlite]") {
  temporary_folder folder;
  database{{.url = folder.url("x.db")}, all_models()}.migrate();
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    write_until_killed(folder.url("x.db"), ends[1]);
  }
  ::close(ends[1]);
  std::vector<std::int64_t> acknowledged;
  std::int64_t key = 0;
  while (::read(ends[0], &key, sizeof key) == sizeof key) {
    acknowledged.push_back(key);
    if (acknowledged.size() == 102) {
      ::kill(child, SIGKILL);
    }
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(acknowledged.size() >= 102);

  database db{{.url = folder.url("x.db")}, all_models()};
  CHECK(db.migrate().empty());
  for (auto one : acknowledged) {
    CHECK_FALSE(run(db, {retrieve_command{by_key<person>(one)}}).result.error);
  }
}

TEST_CASE("SQLite's log has its size from the beginning, and holds what was committed",
          "[store][sqlite]") {
  temporary_folder folder;
  auto log = folder.file("x.db-wal");
  {
    database db{{.url = folder.url("x.db")}, all_models()};
    auto size = std::filesystem::file_size(log);
    CHECK(size > 4'000'000);
    db.migrate();
    command_queue queue{db, [](const auto&) {}};
    for (int i = 0; i < 100; ++i) {
      queue.push({create_command{.model = &model_of<person>(),
                                 .values = to_record(person{.username = std::to_string(i)})}},
                 [](const store_result& result) { CHECK_FALSE(result.error); });
      queue.run();
    }
    CHECK(std::filesystem::file_size(log) == size);
    // As after a crash.
    std::filesystem::copy_file(folder.file("x.db"), folder.file("y.db"));
    std::filesystem::copy_file(log, folder.file("y.db-wal"));
  }
  CHECK(query_sql(folder.file("y.db"), "SELECT count(*) FROM test_person") == "100");
  CHECK(query_sql(folder.file("y.db"), "PRAGMA integrity_check") == "ok");
}

} // namespace database_tests
