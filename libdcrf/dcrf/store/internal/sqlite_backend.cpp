#include "dcrf/store/internal/sqlite_backend.hpp"

#include "dcrf/store/internal/connection.hpp"
#include "dcrf/store/internal/sqlite.hpp"
#include "dcrf/store/internal/sqlite_feed.hpp"
#include "dcrf/store/internal/sqlite_functions.hpp"
#include "dcrf/store/internal/sqlite_statement.hpp"

#include <fmt/format.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <utility>

namespace dcrf::internal {

namespace {

constexpr std::string_view memory = ":memory:";

// Between two looks at the files for those who only read.
constexpr std::chrono::milliseconds between_looks{100};

// How long the end of the last connection waits for other programs that read the log.
constexpr int patience_of_end = 1'000;

// 1,000 pages of 4 kB with their heads, after which SQLite empties it, and some that may be added
// by then.
constexpr std::int64_t log_size = 1'050 * (4'096 + 24);

[[noreturn]] void refuse_url(std::string_view url, std::string_view reason) {
  throw store_failure(
      store_errc::failed,
      fmt::format("the database \"{}\" can't be opened: {}; expected is sqlite://FILE or "
                  "sqlite://:memory: or postgresql://USER@HOST/NAME",
                  without_password(url), reason));
}

// The file that a URL names: a path, or `:memory:`.
std::string file_of(std::string_view url) {
  constexpr std::string_view scheme = "sqlite://";
  if (!url.starts_with(scheme)) {
    refuse_url(url, "its scheme is not known");
  }
  auto file = url.substr(scheme.size());
  if (file.empty()) {
    refuse_url(url, "it names no file");
  }
  for (auto c : file) {
    if (c == '"' || c == '\0' || c == '\n') {
      refuse_url(url, "its file name has a quote, a line break or a NUL in it");
    }
  }
  return std::string{file};
}

// The path in the form that SOCI's parser of options leaves whole. A relative one begins with `./`,
// so that SQLite never takes it for a URI.
std::string connect_string(const std::string& file, bool read_only) {
  auto path = file == memory || file.front() == '/' ? file : "./" + file;
  return fmt::format("dbname=\"{}\"{}", path, read_only ? " readonly=true" : "");
}

} // namespace

sqlite_backend::sqlite_backend(const database_options& options)
    : options_(options), steps_left_(options.step_limit) {
  auto file = file_of(options.url);
  if (options.outside != outside_changes::off) {
    throw store_failure(store_errc::failed,
                        fmt::format("the database \"{}\" can't be opened: SQLite does not tell of "
                                    "changes that other programs make",
                                    without_password(options.url)));
  }
  try {
    session_.open(soci::sqlite3, connect_string(file, options.read_only));
    sqlite::define_functions(session_);
  } catch (const soci::soci_error& e) {
    throw store_failure(
        store_errc::unavailable,
        fmt::format("the database \"{}\" can't be opened: {}", options.url, e.what()));
  }
  // SQLite opens what it can't write to for reading, without a word.
  if (!options.read_only && sqlite::is_read_only(session_)) {
    throw store_failure(store_errc::failed,
                        fmt::format("the database \"{}\" can't be opened: the user of this process "
                                    "may not write to its file",
                                    options.url));
  }
  if (file != memory) {
    files_ = sqlite_files{file};
  }
}

std::unique_ptr<statement> sqlite_backend::make_statement(std::string sql) {
  return std::make_unique<sqlite_statement>(session_, std::move(sql));
}

// A sync of a file that has grown writes more than its content. So the log has the size from the
// beginning at which SQLite begins it anew. Not if somebody else writes just now: it can do
// without.
void sqlite_backend::extend_log(connection& sql) {
  sqlite::set_busy_timeout(session_, 0);
  try {
    sql.execute(begin_statement(true));
    sqlite::extend_log(session_, log_size);
    sql.execute("ROLLBACK");
  } catch (const sql_error&) {
    sql.rollback();
  }
  sqlite::set_busy_timeout(session_, static_cast<int>(options_.busy_timeout.count()));
}

void sqlite_backend::configure(connection& sql) {
  sqlite::set_busy_timeout(session_, static_cast<int>(options_.busy_timeout.count()));
  if (options_.step_limit > 0) {
    sqlite::limit_steps(session_, steps_left_);
  }
  // The first to read the file, so it notices one that is no database.
  sql.each("PRAGMA schema_version", {}, [](const statement&) {});
  if (!options_.read_only) {
    bool has_log = false; // a database in memory has none
    sql.each("PRAGMA journal_mode = WAL", {},
             [&has_log](const statement& x) { has_log = x.text(0) == "wal"; });
    if (has_log) {
      extend_log(sql);
    }
  }
  files_.note_log();
  sql.execute(options_.synchronous == synchronous::full ? "PRAGMA synchronous = FULL"
                                                        : "PRAGMA synchronous = NORMAL");
  sql.execute("PRAGMA foreign_keys = ON");
}

void sqlite_backend::check_place(bool at_once) {
  if (!at_once) {
    auto now = clock::now();
    if (place_ == sqlite_files::state::in_place && now - looked_at_ < between_looks) {
      return;
    }
    looked_at_ = now;
  }
  auto before = std::exchange(place_, files_.look());
  if (place_ != before && options_.report) {
    options_.report(files_.describe(place_));
  }
  if (place_ != sqlite_files::state::in_place) {
    throw sql_error(sql_errc::unavailable, files_.describe(place_));
  }
}

// All that was committed is in the one file then. Not if another one is at its place by now, to
// which the log at hand does not belong.
void sqlite_backend::finish(connection& sql) noexcept {
  auto place = files_.look();
  if (place == sqlite_files::state::replaced || place == sqlite_files::state::log_replaced) {
    sqlite::keep_log(session_);
    return;
  }
  if (options_.read_only) {
    return;
  }
  sqlite::set_busy_timeout(session_, patience_of_end);
  try {
    sql.each("PRAGMA wal_checkpoint(TRUNCATE)", {}, [](const statement&) {});
  } catch (const std::exception&) {
    // It is done when the database is opened the next time.
  }
}

void sqlite_backend::run_soon(connection& sql, std::string_view statement) {
  sql.execute(statement);
}

bool sqlite_backend::in_transaction() noexcept { return sqlite::in_transaction(session_); }

bool sqlite_backend::has_dangling_references(connection&) {
  return sqlite::has_dangling_references(session_);
}

// A page is written if one of its values was, though it is the same again.
void sqlite_backend::write_nothing(connection& sql) {
  std::int64_t version = 0;
  sql.each("PRAGMA user_version", {}, [&version](const statement& x) { version = x.integer(0); });
  sql.execute(fmt::format("PRAGMA user_version = {}", version == 0 ? 1 : 0));
  sql.execute(fmt::format("PRAGMA user_version = {}", version));
}

void sqlite_backend::restart_keys(connection& sql, const model_descriptor& model) {
  value table = std::string{model.table};
  sql.execute("DELETE FROM sqlite_sequence WHERE name = :p1", {&table, 1});
}

std::unique_ptr<feed> sqlite_backend::make_feed(connection& sql, const schema& models,
                                                const feed_options& options) {
  return std::make_unique<sqlite_feed>(sql, models, options);
}

void sqlite_backend::interrupt_feed(connection& sql) { sqlite_feed::interrupt(sql); }

// Foreign keys are not enforced meanwhile, or a column with a reference could only be added as
// null. The pragma works outside of transactions only.
void sqlite_backend::begin_migration(connection& sql, bool for_writing) {
  sql.execute("PRAGMA foreign_keys = OFF");
  try {
    sql.begin(for_writing);
  } catch (...) {
    sql.execute("PRAGMA foreign_keys = ON");
    throw;
  }
}

void sqlite_backend::end_migration(connection& sql) { sql.execute("PRAGMA foreign_keys = ON"); }

} // namespace dcrf::internal
