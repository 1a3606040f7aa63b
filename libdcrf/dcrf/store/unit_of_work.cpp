#include "dcrf/store/internal/execute.hpp"
#include "dcrf/store/internal/row_writer.hpp"
#include "dcrf/store/internal/single_query.hpp"

#include <algorithm>
#include <exception>
#include <type_traits>
#include <utility>

namespace dcrf {

namespace {

store_result execute_body(internal::store& at, const command& x) {
  return std::visit(
      [&]<class T>(const T& body) -> store_result {
        if constexpr (std::is_same_v<T, begin_command> || std::is_same_v<T, commit_command>
                      || std::is_same_v<T, rollback_command>) {
          throw store_failure(store_errc::failed, "a unit of work is a transaction already");
        } else {
          return internal::execute(at, body);
        }
      },
      x.body);
}

// Whether the command is one statement, which the database undoes by itself if it fails, and after
// which no reference can point to nothing.
bool is_single_statement(const command& x) noexcept {
  if (const auto* creation = std::get_if<create_command>(&x.body)) {
    return creation->related.empty()
           && std::ranges::none_of(creation->model->fields, &field_descriptor::is_foreign_key);
  }
  if (const auto* update = std::get_if<update_command>(&x.body)) {
    auto refers = [fields = update->where.model->fields](const auto& changed) {
      auto field = changed.first;
      return field >= fields.size() || fields[field].is_foreign_key()
             || fields[field].is_primary_key;
    };
    return update->related.empty() && std::ranges::none_of(update->changes, refers);
  }
  return false;
}

std::vector<const create_command*> creations_of(std::span<const command* const> x) {
  std::vector<const create_command*> result;
  result.reserve(x.size());
  for (const auto* each : x) {
    result.push_back(&std::get<create_command>(each->body));
  }
  return result;
}

// How many of the commands, counted from the first, insert rows of one model and do nothing else.
std::size_t leading_insertions(const internal::store& at, std::span<const command* const> x) {
  const model_descriptor* model = nullptr;
  auto belongs = [&](const command* each) {
    const auto* creation = std::get_if<create_command>(&each->body);
    if (creation == nullptr || !internal::is_mere_insertion(at, *creation)) {
      return false;
    }
    model = model == nullptr ? creation->model : model;
    return creation->model == model;
  };
  return static_cast<std::size_t>(std::ranges::find_if_not(x, belongs) - x.begin());
}

// A table that has other types than its model, as far as that is allowed, may take single values
// only.
void note_failure(internal::store& at, const model_descriptor& model,
                  const internal::sql_error& error) {
  if (error.code() == internal::sql_errc::other) {
    at.note_triggers(model);
  }
}

bool is_conflict(const internal::sql_error& error, unit_of_work::access mode) noexcept {
  return error.code() == internal::sql_errc::conflict
         || (mode != unit_of_work::access::write && error.code() == internal::sql_errc::locked);
}

} // namespace

unit_of_work::unit_of_work(database& db, access mode)
    : connection_(db.connection_.get()), mode_(mode) {
  if (reads_alone()) {
    return;
  }
  try {
    connection_->sql.begin(mode != access::read);
    if (mode == access::write) {
      connection_->sql.wait_for_locks();
    }
  } catch (const internal::sql_error& e) {
    connection_->sql.rollback();
    throw failure_of(*connection_, e);
  }
}

unit_of_work::~unit_of_work() { rollback(); }

bool unit_of_work::reads_alone() const noexcept {
  return mode_ == access::read && connection_->sql.kind().queries_stand_alone();
}

void unit_of_work::separate_commands() {
  try {
    connection_->sql.separate_commands();
  } catch (const internal::sql_error& e) {
    throw failure_of(*connection_, e);
  }
}

store_result unit_of_work::execute(const command& x) {
  changes_.clear();
  if (broken_) {
    return {.error = broken_};
  }
  if (mode_ == access::read && is_write(x)) {
    return {.error = store_error{.text = "a write in a reading transaction"}};
  }
  connection_->sql.restart_steps();
  std::optional<store_error> error;
  try {
    auto result = is_write(x) ? execute_write(x) : execute_read(x);
    if (!result.error || !is_write(x)) {
      return result;
    }
    error = std::move(result.error);
  } catch (const store_failure& e) {
    error = e.error();
  } catch (const internal::sql_error& e) {
    has_conflict_ = has_conflict_ || is_conflict(e, mode_);
    error = failure_of(*connection_, e).error();
  } catch (const std::exception& e) {
    error = store_error{.text = e.what()};
  } catch (...) {
    error = store_error{.text = "an unknown failure"};
  }
  undo_last();
  if (!reads_alone() && !connection_->sql.in_transaction()) {
    broken_ = error;
  }
  return {.error = std::move(error)};
}

std::size_t unit_of_work::count_together(std::span<const command* const> x) const {
  auto count = connection_->sql.language().inserted_together(leading_insertions(*connection_, x));
  return count < 2 ? 0 : count;
}

std::optional<unit_of_work::outcomes>
unit_of_work::execute_together(std::span<const command* const> x) {
  if (broken_ || mode_ == access::read) {
    return std::nullopt;
  }
  changes_.clear();
  auto creations = creations_of(x);
  auto& sql = connection_->sql;
  try {
    sql.set_savepoint();
    connection_->has_savepoint = true;
    if (auto results = internal::insert_together(*connection_, creations); !results.empty()) {
      connection_->load_shown();
      sql.release_savepoint();
      connection_->has_savepoint = false;
      return outcomes{std::move(results), connection_->take_changes()};
    }
  } catch (const internal::sql_error& e) {
    note_failure(*connection_, *creations.front()->model, e);
    if (!sql.in_transaction()) {
      broken_ = failure_of(*connection_, e).error();
    }
  } catch (...) {
    // The one that it is about will say so.
  }
  undo_last();
  return std::nullopt;
}

std::optional<unit_of_work::outcomes>
unit_of_work::execute_and_commit(std::span<const command* const> x) {
  auto& sql = connection_->sql;
  if (!sql.kind().statements_stand_alone() || mode_ == access::read
      || leading_insertions(*connection_, x) < x.size()) {
    return std::nullopt;
  }
  auto creations = creations_of(x);
  auto shows_more = [this](const auto* each) {
    return connection_->shows_more(*each->model, each->values);
  };
  if (std::ranges::any_of(creations, shows_more) || !sql.kind().take_back_begin()) {
    return std::nullopt;
  }
  try {
    if (auto results = internal::insert_together(*connection_, creations); !results.empty()) {
      connection_->mark_committed();
      return outcomes{std::move(results), connection_->take_changes()};
    }
  } catch (const internal::sql_error& e) {
    note_failure(*connection_, *creations.front()->model, e);
    if (e.code() == internal::sql_errc::unavailable) {
      throw failure_of(*connection_, e);
    }
  } catch (...) {
    // The one that it is about will say so.
  }
  static_cast<void>(connection_->take_changes());
  try {
    sql.begin(true);
  } catch (const internal::sql_error& e) {
    throw failure_of(*connection_, e);
  }
  return std::nullopt;
}

// Where an error spoils the whole transaction, a query that fails must not take the writes with it.
store_result unit_of_work::execute_read(const command& x) {
  auto& sql = connection_->sql;
  if (reads_alone()) {
    return read_alone(x);
  }
  if (mode_ == access::read || !sql.kind().errors_spoil_transaction()) {
    return execute_body(*connection_, x);
  }
  sql.set_savepoint();
  connection_->has_savepoint = true;
  auto result = execute_body(*connection_, x);
  sql.release_savepoint();
  connection_->has_savepoint = false;
  return result;
}

// What a command reads with one query needs no transaction; what it reads with several does, to see
// one state of the database.
store_result unit_of_work::read_alone(const command& x) {
  auto& sql = connection_->sql;
  if (!internal::is_single_query(x)) {
    sql.begin(false);
    auto result = execute_body(*connection_, x);
    sql.commit();
    return result;
  }
  sql.restore();
  try {
    return execute_body(*connection_, x);
  } catch (const internal::sql_error&) {
    // A connection that died while nobody used it has lost nothing.
    if (!sql.kind().is_lost()) {
      throw;
    }
  }
  sql.restore();
  return execute_body(*connection_, x);
}

store_result unit_of_work::execute_write(const command& x) {
  if (connection_->sql.kind().errors_spoil_transaction() || !is_single_statement(x)) {
    connection_->sql.set_savepoint();
    connection_->has_savepoint = true;
  }
  auto& kind = connection_->sql.kind();
  auto tells_nobody = is_silent(x);
  if (tells_nobody) {
    kind.tell_others(connection_->sql, false);
  }
  auto result = execute_body(*connection_, x);
  if (tells_nobody) {
    kind.tell_others(connection_->sql, true);
  }
  if (result.error) {
    return result;
  }
  if (connection_->sql.has_dangling_references()) {
    throw store_failure(store_errc::restricted, "a reference would point to no row");
  }
  connection_->load_shown();
  if (std::exchange(connection_->has_savepoint, false)) {
    connection_->sql.release_savepoint();
  }
  changes_ = connection_->take_changes();
  return result;
}

void unit_of_work::undo_last() noexcept {
  static_cast<void>(connection_->take_changes());
  if (!std::exchange(connection_->has_savepoint, false)) {
    begin_reading_again();
    return;
  }
  connection_->sql.rollback_to_savepoint();
  try {
    if (connection_->sql.in_transaction()) {
      connection_->sql.release_savepoint();
    }
  } catch (const internal::sql_error&) {
    connection_->sql.rollback();
  }
}

// The queries that follow are worth another transaction, if the one at hand is spoilt.
void unit_of_work::begin_reading_again() noexcept {
  auto& sql = connection_->sql;
  if (reads_alone()) {
    sql.rollback();
    return;
  }
  if (!sql.kind().errors_spoil_transaction() || !sql.in_transaction()) {
    return;
  }
  try {
    sql.rollback();
    sql.begin(false);
  } catch (const internal::sql_error&) {
    // The commands that follow say that no transaction is open.
  }
}

feed_position_ptr unit_of_work::cut() {
  try {
    return connection_->log ? connection_->log->cut() : nullptr;
  } catch (const internal::sql_error& e) {
    throw failure_of(*connection_, e);
  }
}

std::vector<change> unit_of_work::take_changes() { return summed(std::exchange(changes_, {})); }

once_result_ptr unit_of_work::claim(once_claim x) {
  try {
    auto result = connection_->once.claim(x);
    claim_ = std::move(x);
    return result;
  } catch (const internal::sql_error& e) {
    throw failure_of(*connection_, e);
  }
}

void unit_of_work::keep_reply(const std::string& reply) {
  try {
    if (claim_) {
      connection_->once.keep(*claim_, reply);
    }
  } catch (const internal::sql_error& e) {
    throw failure_of(*connection_, e);
  }
}

// A savepoint of commands is one like that of a command, around it: SQL finds the innermost one of
// a name.
void unit_of_work::set_savepoint() {
  try {
    connection_->sql.set_savepoint();
  } catch (const internal::sql_error& e) {
    throw failure_of(*connection_, e);
  }
}

void unit_of_work::release_savepoint() {
  try {
    connection_->sql.release_savepoint();
  } catch (const internal::sql_error& e) {
    throw failure_of(*connection_, e);
  }
}

void unit_of_work::rollback_to_savepoint() {
  connection_->sql.rollback_to_savepoint();
  release_savepoint();
}

void unit_of_work::commit() { commit({}); }

feed_position_ptr unit_of_work::commit(std::span<const std::vector<change>> changes) {
  if (broken_) {
    throw store_failure(*broken_);
  }
  if (reads_alone()) {
    return nullptr;
  }
  feed_position_ptr result;
  try {
    if (connection_->log && !changes.empty()) {
      result = connection_->log->append(changes);
    }
    connection_->sql.commit();
    if (mode_ != access::read) {
      connection_->mark_committed(result);
    }
  } catch (const internal::sql_error& e) {
    has_conflict_ = is_conflict(e, mode_);
    connection_->sql.rollback();
    throw failure_of(*connection_, e);
  } catch (...) {
    connection_->sql.rollback();
    throw;
  }
  return result;
}

void unit_of_work::rollback() noexcept { connection_->sql.rollback(); }

} // namespace dcrf
