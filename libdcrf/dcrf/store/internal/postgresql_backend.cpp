#include "dcrf/store/internal/postgresql_backend.hpp"

#include "dcrf/store/internal/connection.hpp"
#include "dcrf/store/internal/postgresql_changes.hpp"
#include "dcrf/store/internal/postgresql_statement.hpp"
#include "dcrf/store/internal/postgresql_url.hpp"
#include "dcrf/store/internal/table_spec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace dcrf::internal {

namespace {

// How long the next attempt to connect waits after one that failed: twice as long each time.
constexpr std::chrono::milliseconds shortest_delay{100};
constexpr std::chrono::milliseconds longest_delay{5'000};

// The server ends a statement that takes too long; if it does not, nobody is there.
constexpr std::chrono::milliseconds grace{1'000};

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

// For the function that finds the sequence of a column.
std::array<value, 2> key_column(const model_descriptor& model) {
  return {quoted_name(model.table), std::string{model.key_field().column}};
}

} // namespace

bool postgresql_backend::is_url(std::string_view url) noexcept { return postgresql::is_url(url); }

postgresql_backend::postgresql_backend(const database_options& options)
    : options_(options),
      pipeline_(postgresql::connect_string(options)),
      patience_(options.statement_timeout + grace) {
  pipeline_.set_patience(patience_);
  try {
    pipeline_.open();
  } catch (const sql_error& e) {
    throw store_failure(store_errc::unavailable,
                        fmt::format("the database \"{}\" can't be opened: {}",
                                    without_password(options.url), e.what()));
  }
}

void postgresql_backend::reconnect() {
  auto now = clock::now();
  if (now < next_attempt_) {
    throw sql_error(sql_errc::unavailable, "the connection to the database is lost");
  }
  are_references_deferred_ = false;
  try {
    pipeline_.open();
  } catch (const sql_error&) {
    delay_ = std::clamp(delay_ * 2, shortest_delay, longest_delay);
    next_attempt_ = clock::now() + scattered(delay_);
    throw;
  }
  delay_ = {};
}

std::unique_ptr<statement> postgresql_backend::make_statement(std::string sql) {
  return std::make_unique<postgresql_statement>(*this, std::move(sql));
}

postgresql::result postgresql_backend::run(std::string_view statement,
                                           std::span<const postgresql::parameter> parameters) {
  auto before = pipeline_.take_deferred();
  auto begins = !before.empty() && before.front().starts_with("BEGIN");
  auto run_with = [&] {
    for (const auto& each : before) {
      pipeline_.defer(each);
    }
    return pipeline_.run(statement, parameters);
  };
  try {
    return run_with();
  } catch (const sql_error&) {
    // One that gave no answer in time may still be at it.
    if (!begins || !pipeline_.was_ended() || owner_ == nullptr) {
      throw;
    }
  }
  owner_->restore();
  return run_with();
}

// A pooler gives itself as the server's process. One in transaction mode has each transaction
// executed on any connection of its own: on that of another client who does nothing now, and finds
// there what that client has prepared.
void postgresql_backend::refuse_transaction_pooler() {
  auto process_of = [](postgresql::pipeline& x) {
    return x.run("SELECT pg_backend_pid()", {}).integer(0);
  };
  auto is_shared = false;
  try {
    auto own = process_of(pipeline_);
    if (own == pipeline_.server_process()) {
      return;
    }
    postgresql::pipeline other{postgresql::connect_string(options_)};
    other.set_patience(patience_);
    other.open();
    is_shared = process_of(other) == own;
  } catch (const sql_error& e) {
    is_shared = e.code() == sql_errc::other;
    if (!is_shared) {
      throw;
    }
  }
  if (is_shared) {
    throw sql_error(sql_errc::other, "there is a pooler in transaction mode in between, on which "
                                     "nothing can be prepared; session mode works");
  }
}

void postgresql_backend::configure(connection& sql) {
  owner_ = &sql;
  refuse_transaction_pooler();
  auto encoding = pipeline_.setting("server_encoding");
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
  auto statement_timeout = std::to_string(options_.statement_timeout.count());
  for (auto [name, bound] : {std::pair{"statement_timeout", std::string_view{statement_timeout}},
                             std::pair{"idle_in_transaction_session_timeout", idle_timeout}}) {
    sql.each(fmt::format("SELECT set_config('{0}', '{1}', false) WHERE current_setting('{0}') = "
                         "'0'",
                         name, bound),
             {}, [](const statement&) {});
  }
  sql.each(
      "SELECT CAST(setting AS bigint) FROM pg_settings WHERE name = 'statement_timeout'", {},
      [this](const statement& x) { patience_ = std::chrono::milliseconds{x.integer(0)} + grace; });
  pipeline_.set_patience(patience_);
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

void postgresql_backend::run_soon(connection&, std::string_view statement) {
  pipeline_.defer(std::string{statement});
}

bool postgresql_backend::take_back_begin() noexcept {
  auto is_possible = pipeline_.has_deferred() && !pipeline_.in_transaction();
  if (is_possible) {
    pipeline_.take_deferred();
  }
  return is_possible;
}

void postgresql_backend::wait_for_locks(connection& sql) {
  run_soon(sql, fmt::format("SET LOCAL lock_timeout = {}", options_.busy_timeout.count()));
}

// A transaction with a number of its own is noted.
void postgresql_backend::write_nothing(connection& sql) {
  sql.each("SELECT CAST(pg_current_xact_id() AS text)", {}, [](const statement&) {});
}

void postgresql_backend::defer_references(connection& sql) {
  run_soon(sql, "SET CONSTRAINTS ALL DEFERRED");
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
  sql.execute(fmt::format("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", quoted_name(model.table)));
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
  run_soon(sql, "SET LOCAL dcrf.savepoints = 'are separate'");
  return true;
}

// -- migration ------------------------------------------------------------------------------------

void postgresql_backend::begin_migration(connection& sql, bool for_writing) {
  sql.begin(for_writing);
  if (for_writing) {
    // Who has large tables knows that an index takes its time.
    sql.execute("SET LOCAL statement_timeout = 0");
    pipeline_.set_patience(std::nullopt);
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
