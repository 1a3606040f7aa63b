#include "dcrf/store/internal/connection.hpp"

#include "dcrf/store/internal/sqlite.hpp"

#include <fmt/format.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace dcrf::internal {

namespace {

constexpr std::string_view memory = ":memory:";

[[noreturn]] void refuse_url(std::string_view url, std::string_view reason) {
  throw store_failure(store_errc::failed,
                      fmt::format("the database \"{}\" can't be opened: {}; expected is "
                                  "sqlite://FILE or sqlite://:memory:",
                                  url, reason));
}

// The path in the form that SOCI's parser of options leaves whole. A relative one begins with `./`,
// so that SQLite never takes it for a URI.
std::string connect_string(const std::string& file, bool read_only) {
  auto path = file == memory || file.front() == '/' ? file : "./" + file;
  return fmt::format("dbname=\"{}\"{}", path, read_only ? " readonly=true" : "");
}

} // namespace

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

connection::connection(const database_options& options)
    : step_limit_(options.step_limit), steps_left_(options.step_limit) {
  auto file = file_of(options.url);
  try {
    session_.open(soci::sqlite3, connect_string(file, options.read_only));
    configure(options);
  } catch (const soci::soci_error& e) {
    throw store_failure(
        store_errc::unavailable,
        fmt::format("the database \"{}\" can't be opened: {}", options.url, e.what()));
  } catch (const sql_error& e) {
    auto code = e.code() == sql_errc::unavailable ? store_errc::unavailable : store_errc::failed;
    throw store_failure(
        code, fmt::format("the database \"{}\" can't be opened: {}", options.url, e.what()));
  }
}

void connection::configure(const database_options& options) {
  sqlite::set_busy_timeout(session_, static_cast<int>(options.busy_timeout.count()));
  if (options.step_limit > 0) {
    sqlite::limit_steps(session_, steps_left_);
  }
  // The first to read the file, so it notices one that is no database.
  each("PRAGMA schema_version", {}, [](const statement&) {});
  if (!options.read_only) {
    each("PRAGMA journal_mode = WAL", {}, [](const statement&) {});
  }
  execute(options.synchronous == synchronous::full ? "PRAGMA synchronous = FULL"
                                                   : "PRAGMA synchronous = NORMAL");
  enforce_foreign_keys(true);
}

void connection::bind(statement& x, std::span<const value> parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    x.bind(i, parameters[i]);
  }
}

std::int64_t connection::execute(std::string_view sql, std::span<const value> parameters) {
  auto running = prepare(sql);
  bind(*running, parameters);
  running->execute();
  return sqlite::changed_rows(session_);
}

bool connection::exists(std::string_view sql, std::span<const value> parameters) {
  auto running = prepare(sql);
  bind(*running, parameters);
  return running->execute();
}

std::int64_t connection::last_insert_id() noexcept { return sqlite::last_insert_id(session_); }

void connection::begin(bool for_writing) { execute(for_writing ? "BEGIN IMMEDIATE" : "BEGIN"); }

void connection::commit() { execute("COMMIT"); }

void connection::rollback() noexcept {
  if (!in_transaction()) {
    return;
  }
  try {
    execute("ROLLBACK");
  } catch (const sql_error&) {
    // SQLite has rolled back by itself then.
  }
}

bool connection::in_transaction() noexcept { return sqlite::in_transaction(session_); }

void connection::set_savepoint() { execute("SAVEPOINT command"); }

void connection::release_savepoint() { execute("RELEASE command"); }

void connection::rollback_to_savepoint() noexcept {
  if (!in_transaction()) {
    return;
  }
  try {
    execute("ROLLBACK TO command");
  } catch (const sql_error&) {
    // Half a command must not be committed with the others.
    rollback();
  }
}

bool connection::has_dangling_references() noexcept {
  return sqlite::has_dangling_references(session_);
}

void connection::enforce_foreign_keys(bool on) {
  execute(on ? "PRAGMA foreign_keys = ON" : "PRAGMA foreign_keys = OFF");
}

} // namespace dcrf::internal
