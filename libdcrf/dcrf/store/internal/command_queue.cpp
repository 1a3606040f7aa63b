#include "dcrf/store/internal/command_queue.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

namespace dcrf {

namespace {

store_error error_of(std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const store_failure& e) {
    return e.error();
  } catch (const std::exception& e) {
    return {.text = e.what()};
  } catch (...) {
    return {.text = "an unknown failure"};
  }
}

template <class Body>
bool holds(const command& x) noexcept {
  return std::holds_alternative<Body>(x.body);
}

bool ends_transaction(const command& x) noexcept {
  return holds<commit_command>(x) || holds<rollback_command>(x);
}

} // namespace

command_queue::command_queue(database& db, announcement announce)
    : command_queue(db, std::move(announce), limits{}) {}

command_queue::command_queue(database& db, announcement announce, limits bounds)
    : db_(db), announce_(std::move(announce)), bounds_(bounds) {}

command_queue::~command_queue() = default;

void command_queue::push(command x, completion done) {
  auto& queue = x.transaction == 0 ? waiting_ : inner_;
  queue.push_back({std::move(x), std::move(done)});
}

bool command_queue::empty() const noexcept { return waiting_.empty() && inner_.empty(); }

void command_queue::run() {
  // Whoever is answered may come back here.
  if (is_running_) {
    return;
  }
  is_running_ = true;
  try {
    while (run_some()) {
    }
  } catch (...) {
    is_running_ = false;
    throw;
  }
  is_running_ = false;
}

bool command_queue::run_some() {
  if (!inner_.empty()) {
    run_inner(take(inner_));
    return true;
  }
  if (open_ || waiting_.empty()) {
    return false;
  }
  if (holds<begin_command>(waiting_.front().body)) {
    begin(take(waiting_));
  } else if (is_write(waiting_.front().body)) {
    run_writes(take_group(), clock::now() + db_.options().busy_timeout);
  } else {
    run_reads(take_reads());
  }
  return true;
}

command_queue::pending command_queue::take(commands& from) {
  auto result = std::move(from.front());
  from.pop_front();
  return result;
}

// -- groups of commands ---------------------------------------------------------------------------

command_queue::commands command_queue::take_while(bool (*belongs)(const command&)) {
  commands result;
  while (!waiting_.empty() && result.size() < bounds_.group && belongs(waiting_.front().body)) {
    result.splice(result.end(), waiting_, waiting_.begin());
  }
  return result;
}

command_queue::commands command_queue::take_reads() {
  return take_while([](const command& x) { return !is_write(x); });
}

command_queue::commands command_queue::take_group() {
  // A read among writes would see a part of what is committed together.
  return take_while([](const command& x) { return !holds<begin_command>(x) && !x.wants_cut; });
}

void command_queue::run_reads(commands group) {
  std::vector<store_result> results;
  results.reserve(group.size());
  // Whether no lock was in the way, as that of a program that changes the table is.
  auto read_all = [&] {
    results.clear();
    unit_of_work unit{db_, unit_of_work::access::read};
    for (const auto& x : group) {
      results.push_back(unit.execute(x.body));
      if (x.body.wants_cut) {
        results.back().cut = unit.cut();
      }
    }
    unit.commit();
    return !unit.has_conflict();
  };
  try {
    auto deadline = clock::now() + db_.options().busy_timeout;
    while (!read_all() && clock::now() < deadline) {
    }
  } catch (...) {
    fail(group, error_of(std::current_exception()));
    return;
  }
  answer(group, results);
}

void command_queue::run_writes(commands group, clock::time_point deadline) {
  outcomes found;
  std::optional<unit_of_work> open;
  try {
    open.emplace(db_, unit_of_work::access::retried_write);
    if (group.size() > 1) {
      open->separate_commands();
    }
  } catch (...) {
    open.reset();
    // Reads need no lock.
    commands reads;
    for (auto i = group.begin(); i != group.end();) {
      auto x = i++;
      if (!is_write(x->body)) {
        reads.splice(reads.end(), group, x);
      }
    }
    fail(group, error_of(std::current_exception()));
    run_reads(std::move(reads));
    return;
  }
  try {
    auto all = pointers_to(group);
    if (auto done = open->execute_and_commit(all)) {
      append(std::move(*done), found);
    } else {
      auto is_last_attempt = group.size() == 1 && clock::now() >= deadline;
      found = execute_all(*open, all, is_last_attempt);
      if (open->has_conflict() && !is_last_attempt) {
        open.reset();
        run_apart(std::move(group), deadline);
        return;
      }
      found.position = open->commit(found.changes);
    }
  } catch (...) {
    fail(group, error_of(std::current_exception()));
    return;
  }
  answer(group, found.results);
  std::erase_if(found.changes, [](const auto& x) { return x.empty(); });
  if (!found.changes.empty()) {
    announce_({std::move(found.changes), std::move(found.position)});
  }
}

// Nobody has been answered yet, so all may run again: each by itself, because who holds one lock at
// a time locks nobody out.
void command_queue::run_apart(commands group, clock::time_point deadline) {
  while (!group.empty()) {
    commands alone;
    alone.splice(alone.end(), group, group.begin());
    run_writes(std::move(alone), deadline);
  }
}

// Stops where another transaction is in the way, unless there is no attempt left.
command_queue::outcomes command_queue::execute_all(unit_of_work& unit,
                                                   std::span<const command* const> all,
                                                   bool is_last_attempt) {
  outcomes result;
  result.results.reserve(all.size());
  result.changes.reserve(all.size());
  // How many of the next have been tried together in vain.
  std::size_t apart = 0;
  for (std::span<const command* const> next{all}; !next.empty();) {
    if (auto count = apart == 0 ? unit.count_together(next) : 0; count > 0) {
      bool is_done = execute_together(unit, next.first(count), result);
      apart = is_done ? 0 : count;
      next = next.subspan(is_done ? count : 0);
      continue;
    }
    result.results.push_back(unit.execute(*next.front()));
    result.changes.push_back(unit.take_changes());
    result.results.back().has_changed = !result.changes.back().empty();
    if (unit.has_conflict() && !is_last_attempt) {
      break;
    }
    apart -= apart > 0 ? 1 : 0;
    next = next.subspan(1);
  }
  return result;
}

bool command_queue::execute_together(unit_of_work& unit, std::span<const command* const> x,
                                     outcomes& result) {
  auto done = unit.execute_together(x);
  if (!done) {
    return false;
  }
  append(std::move(*done), result);
  return true;
}

void command_queue::append(unit_of_work::outcomes done, outcomes& to) {
  for (auto& each : done.results) {
    each.has_changed = true;
    to.results.push_back(std::move(each));
  }
  for (auto& each : done.changes) {
    to.changes.emplace_back().push_back(std::move(each));
  }
}

std::vector<const command*> command_queue::pointers_to(const commands& group) {
  std::vector<const command*> result;
  result.reserve(group.size());
  for (const auto& x : group) {
    result.push_back(&x.body);
  }
  return result;
}

void command_queue::answer(commands& group, std::vector<store_result>& results) const {
  auto result = results.begin();
  for (auto& x : group) {
    finish(x, std::move(*result++));
  }
}

void command_queue::fail(commands& group, const store_error& error) const {
  for (auto& x : group) {
    finish(x, {.error = error});
  }
}

// Every answer that may be an error of the database goes out here.
void command_queue::finish(pending& x, store_result&& result) const {
  if (result.error && result.error->code == store_errc::unavailable && unavailable_) {
    unavailable_(x.body);
  }
  x.done(std::move(result));
}

// -- interactive transactions ---------------------------------------------------------------------

void command_queue::begin(pending x) {
  once_result_ptr done_before;
  try {
    open_.emplace(db_);
    if (auto& once = std::get<begin_command>(x.body.body).once) {
      done_before = open_->claim(std::move(*once));
    }
  } catch (...) {
    close();
    finish(x, {.error = error_of(std::current_exception())});
    return;
  }
  if (done_before) {
    close();
    x.done({.done_before = std::move(done_before)});
    return;
  }
  open_id_ = ++last_id_;
  deadline_ = clock::now() + bounds_.transaction_timeout;
  x.done({.transaction = open_id_});
}

void command_queue::run_inner(pending x) {
  if (!open_ || x.body.transaction != open_id_) {
    x.done({.error = store_error{store_errc::no_transaction, "the transaction is not open"}});
  } else if (holds<begin_command>(x.body) || (!savepoints_.empty() && ends_transaction(x.body))) {
    run_nested(std::move(x));
  } else if (holds<commit_command>(x.body)) {
    commit(std::move(x));
  } else if (holds<rollback_command>(x.body)) {
    close();
    x.done({});
  } else {
    auto result = open_->execute(x.body);
    std::ranges::move(open_->take_changes(), std::back_inserter(open_changes_));
    finish(x, std::move(result));
  }
}

// Sets, keeps or undoes a savepoint of the open transaction.
void command_queue::run_nested(pending x) {
  std::optional<store_error> error;
  try {
    if (holds<begin_command>(x.body)) {
      open_->set_savepoint();
      savepoints_.push_back(open_changes_.size());
    } else {
      auto changes = savepoints_.back();
      savepoints_.pop_back();
      if (holds<commit_command>(x.body)) {
        open_->release_savepoint();
      } else {
        open_->rollback_to_savepoint();
        open_changes_.resize(changes);
      }
    }
  } catch (...) {
    error = error_of(std::current_exception());
  }
  x.done({.error = std::move(error), .transaction = open_id_});
}

void command_queue::commit(pending x) {
  committed done;
  if (auto changes = summed(std::move(open_changes_)); !changes.empty()) {
    done.changes.push_back(std::move(changes));
  }
  std::optional<store_error> error;
  try {
    open_->keep_reply(std::get<commit_command>(x.body.body).reply);
    done.position = open_->commit(done.changes);
  } catch (...) {
    error = error_of(std::current_exception());
  }
  close();
  auto is_committed = !error;
  finish(x, {.error = std::move(error), .has_changed = is_committed && !done.changes.empty()});
  if (is_committed && !done.changes.empty()) {
    announce_(std::move(done));
  }
}

void command_queue::close() noexcept {
  open_.reset();
  open_changes_.clear();
  savepoints_.clear();
  open_id_ = 0;
}

void command_queue::abandon(std::uint64_t transaction) {
  if (open_ && transaction == open_id_) {
    close();
    run();
  }
}

std::optional<command_queue::clock::time_point> command_queue::deadline() const noexcept {
  return open_ ? std::optional{deadline_} : std::nullopt;
}

void command_queue::expire(clock::time_point now) {
  if (open_ && now >= deadline_) {
    close();
    run();
  }
}

} // namespace dcrf
