#include "dcrf/store/internal/command_queue.hpp"
#include "dcrf/store/internal/test_models.hpp"
#include "dcrf/store/internal/test_sql.hpp"
#include "dcrf/store/migration.hpp"

#include <catch2/catch.hpp>
#include <soci/sqlite3/soci-sqlite3.h>

#include <optional>
#include <set>

namespace failing_tests {

using namespace dcrf;
using namespace dcrf::store_test;
using namespace sqlite_api;

// Each operation on files fails once, in turn: whatever was acknowledged is there, nothing is
// half-written, and the errors say so.
namespace {

// -- files whose n-th operation fails -------------------------------------------------------------

// Failing is over while `fail_at` is 0.
std::size_t fail_at = 0;
std::size_t operations = 0;

bool fails() { return fail_at != 0 && ++operations == fail_at; }

// The real file follows in memory.
struct failing_file {
  sqlite3_file base;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_vfs* real_files = nullptr;

sqlite3_file* real(sqlite3_file* x) { return reinterpret_cast<failing_file*>(x)->real(); }

template <class... Parameters, class... Arguments>
int forward(int (*sqlite3_io_methods::*function)(sqlite3_file*, Parameters...), sqlite3_file* x,
            Arguments... arguments) {
  return (real(x)->pMethods->*function)(real(x), arguments...);
}

using io = sqlite3_io_methods;

const io methods{
    .iVersion = 2,
    .xClose = [](sqlite3_file* x) { return forward(&io::xClose, x); },
    .xRead =
        [](sqlite3_file* x, void* to, int size, sqlite3_int64 at) {
          return fails() ? SQLITE_IOERR_READ : forward(&io::xRead, x, to, size, at);
        },
    .xWrite =
        [](sqlite3_file* x, const void* from, int size, sqlite3_int64 at) {
          return fails() ? SQLITE_FULL : forward(&io::xWrite, x, from, size, at);
        },
    .xTruncate =
        [](sqlite3_file* x, sqlite3_int64 size) {
          return fails() ? SQLITE_IOERR_TRUNCATE : forward(&io::xTruncate, x, size);
        },
    .xSync = [](sqlite3_file* x,
                int flags) { return fails() ? SQLITE_IOERR_FSYNC : forward(&io::xSync, x, flags); },
    .xFileSize = [](sqlite3_file* x,
                    sqlite3_int64* size) { return forward(&io::xFileSize, x, size); },
    .xLock = [](sqlite3_file* x, int kind) { return forward(&io::xLock, x, kind); },
    .xUnlock = [](sqlite3_file* x, int kind) { return forward(&io::xUnlock, x, kind); },
    .xCheckReservedLock = [](sqlite3_file* x,
                             int* out) { return forward(&io::xCheckReservedLock, x, out); },
    .xFileControl = [](sqlite3_file* x, int what,
                       void* more) { return forward(&io::xFileControl, x, what, more); },
    .xSectorSize = [](sqlite3_file* x) { return forward(&io::xSectorSize, x); },
    .xDeviceCharacteristics =
        [](sqlite3_file* x) { return forward(&io::xDeviceCharacteristics, x); },
    .xShmMap =
        [](sqlite3_file* x, int page, int size, int extend, void volatile** out) {
          return fails() ? SQLITE_IOERR_SHMMAP : forward(&io::xShmMap, x, page, size, extend, out);
        },
    .xShmLock = [](sqlite3_file* x, int offset, int n,
                   int flags) { return forward(&io::xShmLock, x, offset, n, flags); },
    .xShmBarrier = [](sqlite3_file* x) { real(x)->pMethods->xShmBarrier(real(x)); },
    .xShmUnmap = [](sqlite3_file* x, int flag) { return forward(&io::xShmUnmap, x, flag); },
};

int open_failing(sqlite3_vfs*, const char* name, sqlite3_file* x, int flags, int* out) {
  x->pMethods = nullptr;
  if (fails()) {
    return SQLITE_CANTOPEN;
  }
  auto code = real_files->xOpen(real_files, name, real(x), flags, out);
  x->pMethods = real(x)->pMethods == nullptr ? nullptr : &methods;
  return code;
}

int delete_failing(sqlite3_vfs*, const char* name, int sync) {
  return fails() ? SQLITE_IOERR_DELETE : real_files->xDelete(real_files, name, sync);
}

// All databases that are opened while this lives have such files.
class failing_files {
public:
  failing_files() : files_(*(real_files = sqlite3_vfs_find(nullptr))) {
    files_.zName = "failing";
    files_.szOsFile += static_cast<int>(sizeof(failing_file));
    files_.xOpen = &open_failing;
    files_.xDelete = &delete_failing;
    sqlite3_vfs_register(&files_, 1);
  }
  failing_files(const failing_files&) = delete;
  failing_files& operator=(const failing_files&) = delete;
  ~failing_files() {
    fail_at = 0;
    sqlite3_vfs_unregister(&files_);
    sqlite3_vfs_register(real_files, 1);
  }

private:
  sqlite3_vfs files_;
};

// -- what is done meanwhile -----------------------------------------------------------------------

std::vector<migration> steps() {
  return {migration("first")
              .renamed("test_person", "nick", "nickname")
              .sql("UPDATE test_person SET nickname = 'migrated'")};
}

struct acknowledged {
  bool is_open = false;
  std::set<std::string> people{};
  std::size_t failures = 0;
};

// Creates a row once; whether it is known that it is there.
bool create_once(command_queue& queue) {
  bool is_done = false;
  auto commit = [&](const store_result& created, std::uint64_t transaction) {
    command end{rollback_command{}, transaction};
    if (!created.error) {
      end.body = commit_command{.reply = "done"};
    }
    queue.push(std::move(end), [&is_done, is_created = !created.error](const store_result& x) {
      is_done = is_created && !x.error;
    });
  };
  once_claim claim{.owner = "a", .name = "once"};
  queue.push({begin_command{.once = claim}}, [&](const store_result& begun) {
    is_done = begun.done_before != nullptr;
    if (begun.error || is_done) {
      return;
    }
    queue.push({create_command{.model = &model_of<person>(),
                               .values = to_record(person{.username = "once"})},
                begun.transaction},
               [&commit, transaction = begun.transaction](const store_result& x) {
                 commit(x, transaction);
               });
  });
  queue.run();
  return is_done;
}

acknowledged work(const std::string& url) {
  acknowledged result;
  try {
    auto models = schema::of<person, place>();
    migrate({.url = url}, models, steps());
    database db{{.url = url}, models};
    result.is_open = true;
    command_queue queue{db, [](const auto&) {}};
    for (auto i = 0; i < 6; ++i) {
      auto name = std::to_string(i);
      queue.push({create_command{.model = &model_of<person>(),
                                 .values = to_record(person{.username = name})}},
                 [&result, name](const store_result& x) {
                   if (x.error) {
                     CHECK_FALSE(x.error->text.empty());
                     CHECK(x.error->code == store_errc::unavailable);
                     ++result.failures;
                   } else {
                     result.people.insert(name);
                   }
                 });
      if (i % 2 == 1) {
        queue.run();
      }
    }
    result.failures += create_once(queue) ? 0 : 1;
  } catch (const store_failure& e) {
    CHECK_THAT(e.what(), !Catch::Equals(""));
    ++result.failures;
  }
  return result;
}

} // namespace

TEST_CASE("whatever operation on a file fails, nothing is half-written", "[store][sqlite]") {
  temporary_folder folder;
  execute_sql(folder.file("old.db"),
              "CREATE TABLE test_person (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, username "
              "TEXT NOT NULL, nick TEXT) STRICT; INSERT INTO test_person (username) VALUES ('a')");
  std::size_t tried = 0;
  bool is_over = false;
  while (!is_over) {
    ++tried;
    auto file = folder.file(std::to_string(tried) + ".db");
    std::filesystem::copy_file(folder.file("old.db"), file);
    acknowledged done;
    {
      failing_files files;
      operations = 0;
      fail_at = tried;
      done = work("sqlite://" + file.string());
      is_over = operations < tried;
    }
    INFO("the operation " << tried << " failed");
    CHECK(query_sql(file, "PRAGMA integrity_check") == "ok");
    auto is_migrated = query_sql(file, "SELECT count(*) FROM pragma_table_info('test_person') "
                                       "WHERE name = 'nickname'")
                       == "1";
    CHECK((is_migrated || !done.is_open));
    auto tables = query_sql(file, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' "
                                  "AND name LIKE 'test%'");
    CHECK(tables == (is_migrated ? "3" : "1"));
    if (is_migrated) {
      CHECK(query_sql(file, "SELECT nickname FROM test_person WHERE username = 'a'") == "migrated");
    }
    for (const auto& name : done.people) {
      CHECK(query_sql(file, "SELECT count(*) FROM test_person WHERE username = '" + name + "'")
            == "1");
    }
    if (is_over) {
      CHECK(done.failures == 0);
      CHECK(done.people.size() == 6);
    }
    // Whatever was left undone, the next start does it.
    migrate({.url = "sqlite://" + file.string()}, schema::of<person, place>(), steps());
    CHECK(query_sql(file, "SELECT nickname FROM test_person WHERE username = 'a'") == "migrated");
    {
      database db{{.url = "sqlite://" + file.string()}, schema::of<person, place>()};
      command_queue queue{db, [](const auto&) {}};
      CHECK(create_once(queue));
    }
    CHECK(query_sql(file, "SELECT count(*) FROM test_person WHERE username = 'once'") == "1");
    std::filesystem::remove(file);
  }
  CHECK(tried > 20);
}

} // namespace failing_tests
