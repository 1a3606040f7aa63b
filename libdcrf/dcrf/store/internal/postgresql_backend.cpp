#include "dcrf/store/internal/postgresql_backend.hpp"

#include "dcrf/store/internal/connection.hpp"
#include "dcrf/store/internal/postgresql.hpp"
#include "dcrf/store/internal/postgresql_changes.hpp"
#include "dcrf/store/internal/postgresql_statement.hpp"
#include "dcrf/store/internal/postgresql_url.hpp"
#include "dcrf/store/internal/table_spec.hpp"

#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace dcrf::internal {

namespace {

// How long the next attempt to connect waits after one that failed: twice as long each time.
constexpr std::chrono::milliseconds shortest_delay{100};
constexpr std::chrono::milliseconds longest_delay{5'000};

// Longer than anything a client waits for. One that lasts longer holds up all that come behind it.
constexpr std::string_view statement_timeout = "30s";
// A transaction of a node that is gone without a word must not keep its locks. The store's own
// bound on transactions is shorter.
constexpr std::string_view idle_timeout = "60s";

// All nodes that start at once migrate one after the other. The number is the library's name.
constexpr std::string_view migration_lock = "SELECT pg_advisory_xact_lock(1684238950)";

// PostgreSQL looks for a deadlock once somebody has waited for this long, and fails that one.
// Whoever can be run again has given way by then.
constexpr std::string_view give_way =
    "SELECT set_config('lock_timeout', CAST(greatest(1, least(CAST(setting AS bigint) / 10, "
    "CAST(:p1 AS bigint))) AS text), false) FROM pg_settings WHERE name = 'deadlock_timeout'";

// Somewhere between half of a delay and all of it, so that nodes don't come back all at once.
std::chrono::milliseconds scattered(std::chrono::milliseconds delay) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  return delay / 2
         + std::chrono::milliseconds{
             std::uniform_int_distribution<std::int64_t>{0, delay.count() / 2}(random)};
}

std::string in_one_line(std::string text) {
  while (text.ends_with('\n')) {
    text.pop_back();
  }
  std::ranges::replace(text, '\n', ' ');
  return text;
}

// For the function that finds the sequence of a column.
std::array<value, 2> key_column(const model_descriptor& model) {
  return {quoted(model.table), std::string{model.key_field().column}};
}

} // namespace

bool postgresql_backend::is_url(std::string_view url) noexcept { return postgresql::is_url(url); }

postgresql_backend::postgresql_backend(const database_options& options)
    : options_(options), connect_string_(postgresql::connect_string(options)) {
  try {
    connect();
  } catch (const sql_error& e) {
    throw store_failure(store_errc::unavailable,
                        fmt::format("the database \"{}\" can't be opened: {}",
                                    without_password(options.url), e.what()));
  }
}

void postgresql_backend::connect() {
  try {
    session_.open(soci::postgresql, connect_string_);
  } catch (const soci::soci_error& e) {
    throw sql_error(sql_errc::unavailable, in_one_line(e.what()));
  }
}

bool postgresql_backend::is_lost() const noexcept { return !postgresql::is_connected(session_); }

void postgresql_backend::reconnect() {
  auto now = clock::now();
  if (now < next_attempt_) {
    throw sql_error(sql_errc::unavailable, "the connection to the database is lost");
  }
  are_references_deferred_ = false;
  session_.close();
  try {
    connect();
  } catch (const sql_error&) {
    delay_ = std::clamp(delay_ * 2, shortest_delay, longest_delay);
    next_attempt_ = clock::now() + scattered(delay_);
    throw;
  }
  delay_ = {};
}

std::unique_ptr<statement> postgresql_backend::make_statement(std::string sql) {
  return std::make_unique<postgresql_statement>(session_, std::move(sql));
}

void postgresql_backend::configure(connection& sql) {
  auto encoding = postgresql::setting(session_, "server_encoding");
  if (encoding != "UTF8") {
    throw sql_error(sql_errc::other,
                    fmt::format("its encoding is {}, but it must be UTF8", encoding));
  }
  sql.execute("SET client_min_messages = warning");
  sql.execute("SET TimeZone = 'UTC'");
  sql.execute("SET DateStyle = 'ISO, YMD'");
  sql.execute("SET standard_conforming_strings = on");
  std::array<value, 1> busy_timeout{options_.busy_timeout.count()};
  sql.each(give_way, busy_timeout, [](const statement&) {});
  // Whoever has set another bound in the URL or for the role wants that.
  for (auto [name, bound] : {std::pair{"statement_timeout", statement_timeout},
                             std::pair{"idle_in_transaction_session_timeout", idle_timeout}}) {
    sql.each(fmt::format("SELECT set_config('{0}', '{1}', false) WHERE current_setting('{0}') = "
                         "'0'",
                         name, bound),
             {}, [](const statement&) {});
  }
  if (options_.outside != outside_changes::off) {
    postgresql::mark_own_changes(sql, options_.outside == outside_changes::all ? node_ : "");
  }
  if (options_.synchronous != synchronous::full) {
    sql.execute("SET synchronous_commit = off");
  }
  if (options_.read_only) {
    sql.execute("SET default_transaction_read_only = on");
  }
}

// -- transactions ---------------------------------------------------------------------------------

std::string_view postgresql_backend::begin_statement(bool for_writing) const noexcept {
  // Queries that belong together see the same rows. Writes see what others have committed, because
  // they wait for these by the rows' locks.
  return for_writing ? "BEGIN ISOLATION LEVEL READ COMMITTED"
                     : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
}

void postgresql_backend::wait_for_locks(connection& sql) {
  sql.execute(fmt::format("SET LOCAL lock_timeout = {}", options_.busy_timeout.count()));
}

bool postgresql_backend::in_transaction() noexcept { return postgresql::in_transaction(session_); }

void postgresql_backend::defer_references(connection& sql) {
  sql.execute("SET CONSTRAINTS ALL DEFERRED");
  are_references_deferred_ = true;
}

bool postgresql_backend::has_dangling_references(connection& sql) {
  if (!std::exchange(are_references_deferred_, false)) {
    return false;
  }
  try {
    sql.execute("SET CONSTRAINTS ALL IMMEDIATE");
    return false;
  } catch (const sql_error& e) {
    if (e.code() != sql_errc::foreign_key) {
      throw;
    }
    return true;
  }
}

// -- keys and versions ----------------------------------------------------------------------------

void postgresql_backend::skip_key(connection& sql, const model_descriptor& model,
                                  std::int64_t key) {
  constexpr std::string_view is_behind =
      "SELECT 1 WHERE coalesce(pg_sequence_last_value(CAST(pg_get_serial_sequence(:p1, :p2) AS "
      "regclass)), 0) < CAST(:p3 AS bigint)";
  auto column = key_column(model);
  std::array<value, 3> parameters{column[0], column[1], key};
  if (!sql.exists(is_behind, parameters)) {
    return;
  }
  // Two that set a sequence at once could set it back. Nobody counts without inserting.
  sql.execute(fmt::format("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", quoted(model.table)));
  if (sql.exists(is_behind, parameters)) {
    sql.each("SELECT setval(CAST(pg_get_serial_sequence(:p1, :p2) AS regclass), CAST(:p3 AS "
             "bigint))",
             parameters, [](const statement&) {});
  }
}

void postgresql_backend::restart_keys(connection& sql, const model_descriptor& model) {
  if (model.key_field().type == field_type::integer) {
    sql.each("SELECT setval(CAST(pg_get_serial_sequence(:p1, :p2) AS regclass), 1, false)",
             key_column(model), [](const statement&) {});
  }
}

std::optional<std::uint64_t> postgresql_backend::next_version(connection& sql) {
  std::uint64_t result = 0;
  sql.each("SELECT nextval('dcrf_version')", {},
           [&](const statement& x) { result = static_cast<std::uint64_t>(x.integer(0)); });
  return result;
}

// -- other nodes ----------------------------------------------------------------------------------

void postgresql_backend::tell_others(connection& sql, bool told) {
  if (options_.outside == outside_changes::all) {
    postgresql::mark_own_changes_here(sql, told ? node_ : "");
  }
}

bool postgresql_backend::separate_savepoints(connection& sql) {
  if (options_.outside != outside_changes::all) {
    return false;
  }
  sql.execute("SET LOCAL dcrf.savepoints = 'are separate'");
  return true;
}

// -- migration ------------------------------------------------------------------------------------

void postgresql_backend::begin_migration(connection& sql, bool for_writing) {
  sql.begin(for_writing);
  if (for_writing) {
    sql.wait_for_locks();
    sql.each(migration_lock, {}, [](const statement&) {});
  }
}

void postgresql_backend::prepare_schema(connection& sql, const std::vector<table_spec>& tables) {
  sql.execute("CREATE SEQUENCE IF NOT EXISTS dcrf_version");
  if (options_.outside != outside_changes::off) {
    postgresql::prepare_change_table(sql);
    for (const auto& table : tables) {
      postgresql::watch_table(sql, table.name);
    }
  }
}

} // namespace dcrf::internal
