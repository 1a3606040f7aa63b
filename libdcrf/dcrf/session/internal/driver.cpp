#include "dcrf/session/internal/driver.hpp"

#include <algorithm>
#include <chrono>
#include <typeinfo>
#include <utility>

namespace dcrf {

namespace {

// What one turn of the thread does for one consumer, in requests and events begun or groups left:
// whatever a client made, others wait a millisecond for it.
constexpr std::size_t steps_per_turn = 64;

// Whether a write of the consumer may start while the one before awaits its commit: only the
// consumer's own type knows that it leaves the hooks around writes as they are.
bool pipelines(const session_context& context, const consumer& subject) {
  const auto* without_hooks = subject.descriptor().without_write_hooks;
  return context.is_pipelining() && without_hooks != nullptr && *without_hooks == typeid(subject);
}

} // namespace

driver::driver(session_context& context, dcrf::scope connection, std::unique_ptr<consumer> subject,
               std::span<const linked_stream> streams)
    : context_(&context),
      scope_(std::move(connection)),
      runtime_(context),
      consumer_(std::move(subject)),
      streams_(streams),
      early_frames_(context.budget()),
      waiting_(context.budget(), pipelines(context, *consumer_)),
      running_(context),
      user_(context, runtime_, *this, scope_),
      groups_(context, runtime_, *consumer_, *this, *this),
      dispatch_(context, *this, *consumer_, groups_.replies()),
      rights_(runtime_, *consumer_, *this, groups_, dispatch_) {
  consumer_->attach(*this);
  context.on_resumed([this](const activity* x) {
    running_.resumed(x);
    pump();
  });
}

driver::~driver() {
  abort();
  context_->on_resumed(nullptr);
}

// -- the handshake --------------------------------------------------------------------------------

void driver::connect(const authentication& how) {
  running_.start({.kind = coroutine_run::purpose::connect, .call = action_call{open(how)}});
  pump();
}

task<> driver::open(authentication how) {
  bool is_known = co_await user_.identify(std::move(how));
  if (!is_known) {
    reject(not_authenticated_code);
    co_return;
  }
  if (auto* tokens = user_.tokens()) {
    dispatch_.follow(tokens);
  }
  bool is_allowed = co_await may_connect();
  if (!is_allowed) {
    throw permission_denied();
  }
  co_await consumer_->connected();
}

task<bool> driver::may_connect() {
  const auto& asked = consumer_->descriptor();
  if (asked.ask_connection != nullptr) {
    co_return co_await asked.ask_connection(scope_, runtime_);
  }
  co_return asked.can_connect(scope_);
}

void driver::opened(const std::exception_ptr& error) {
  if (stage_ != stage::connecting) {
    return;
  }
  if (!error && rejection_ != 0) {
    stage_ = stage::refused;
    groups_.clear();
    accept();
    context_->close(rejection_);
    return;
  }
  if (!error && !is_closing_) {
    stage_ = stage::open;
    accept();
    user_.opened();
    return;
  }
  auto status = error ? report_of(error).status() : permission_denied{}.status();
  if (status >= 500) {
    context_->log_failure("connecting", error);
  }
  stage_ = stage::refused;
  groups_.clear();
  context_->refuse(status);
}

void driver::accept() {
  context_->accept();
  early_frames_.send_all(*context_);
}

// -- what the consumer asks for -------------------------------------------------------------------

void driver::send(std::string frame) {
  if (is_open()) {
    groups_.has_sent();
    context_->send(std::move(frame));
  } else if (stage_ == stage::connecting) {
    send_early({.payload = std::move(frame)});
  }
}

void driver::send_bytes(std::string bytes) {
  if (is_open()) {
    groups_.has_sent();
    context_->send_bytes(std::move(bytes));
  } else if (stage_ == stage::connecting) {
    send_early({.payload = std::move(bytes), .is_text = false});
  }
}

void driver::send_early(received_frame x) {
  early_frames_.push(std::move(x));
  context_->queued();
}

void driver::send(std::shared_ptr<const std::string> head, std::string_view tail) {
  if (is_open()) {
    groups_.has_sent();
    context_->send(std::move(head), tail);
  }
}

void driver::close(std::uint16_t code) {
  if (stage_ == stage::connecting) {
    is_closing_ = true;
  } else if (is_open()) {
    stop();
    context_->close(code);
  }
}

void driver::reject(std::uint16_t code) {
  if (stage_ == stage::connecting) {
    rejection_ = code;
  } else {
    close(code);
  }
}

void driver::choose_subprotocol(std::string name) {
  if (stage_ == stage::connecting) {
    context_->choose_subprotocol(std::move(name));
  }
}

void driver::stop() {
  if (stage_ == stage::open) {
    is_closing_ = true;
    waiting_.clear();
  }
}

void driver::cancel(std::string_view action) { running_.cancel(action); }

void driver::spawn(task<> work) {
  if (stage_ == stage::connecting || stage_ == stage::open) {
    running_.start({.kind = coroutine_run::purpose::background,
                    .is_detached = true,
                    .call = action_call{std::move(work)},
                    .held = context_->budget().begin_run(0)});
  }
}

task<> driver::drain() {
  if (context_->is_congested()) {
    drain_call draining{*context_};
    co_await draining;
  }
}

void driver::allow_pipelining() { running_.awaits_commit(context_->current()); }

task<> driver::join(group_name group, std::optional<std::string> request_id) {
  auto* run = running_.find(context_->current());
  return groups_.join(std::move(group), std::move(request_id), run, rights_.kept_of(run));
}

void driver::leave(const group_name& group, const std::optional<std::string>& request_id) {
  groups_.leave(group, request_id);
}

task<> driver::watch(const request& req, watched_list x) {
  return groups_.watch(req, std::move(x), running_.find(context_->current()));
}

// -- what is allowed no more ----------------------------------------------------------------------

void driver::check_again(const authentication& how) {
  if (stage_ == stage::connecting || is_open()) {
    user_.check_again(how, stage_ == stage::connecting);
  }
}

task<bool> driver::check_rights() {
  consumer_->forget_answers();
  bool is_allowed = co_await may_connect();
  if (is_allowed) {
    co_await rights_.check();
  }
  co_return is_allowed;
}

// -- requests and events --------------------------------------------------------------------------

void driver::receive(std::string_view payload, bool is_text) {
  take({.payload = std::string{payload}, .is_text = is_text});
}

void driver::receive_multiplexed(std::string_view frame_text) {
  take({.payload = std::string{frame_text}, .is_multiplexed = true});
}

void driver::take(received_frame x) {
  if (!is_open()) {
    return;
  }
  if (may_start_now()) {
    waiting_.hold(dispatch_.parse(std::move(x)));
    pump();
  } else {
    push(std::move(x));
  }
}

bool driver::deliver(group_message_ptr message) {
  auto received = groups_.take(message, may_take_now());
  if (received.may_be_behind) {
    pump();
  }
  if (received.waits && (is_open() || stage_ == stage::connecting)) {
    push(std::move(message));
  }
  return received.is_live;
}

void driver::commit_ended(const feed_position_ptr& position) { push_mark(commit_mark{position}); }

void driver::position_reached(const position_tick& x) {
  if (groups_.has_positions()) {
    push_mark(x);
  }
}

void driver::push_mark(mailbox::message x) {
  if (may_take_now()) {
    take_mark(x);
    pump();
  } else if (is_open()) {
    push(std::move(x));
  }
}

// Nothing runs, and nothing waits that has come before.
bool driver::may_take_now() const noexcept {
  return is_open() && may_start_now() && running_.is_idle();
}

void driver::push(mailbox::message x) {
  bool is_frame = std::holds_alternative<received_frame>(x);
  waiting_.push(std::move(x));
  if (!is_frame && groups_.has_positions() && context_->budget().has_many_events()) {
    shed_events();
  }
  pump();
}

// Who can read later what has happened need not keep it in memory.
void driver::shed_events() {
  groups_.fall_behind();
  waiting_.drop_messages([this](const group_message& x) { return groups_.drops(x); });
}

// Nothing waits that has come before.
bool driver::may_start_now() const noexcept {
  return !is_pumping_ && !is_pumped_later_ && !running_.is_busy() && waiting_.is_empty();
}

// Never runs inside a coroutine of the consumer, and never inside itself.
void driver::pump() {
  if (is_pumping_ || is_pumped_later_) {
    return;
  }
  is_pumping_ = true;
  bool is_all_done = pump_some();
  is_pumping_ = false;
  if (!is_all_done) {
    is_pumped_later_ = true;
    pumping_later_ = pump_later();
    pumping_later_.start();
  }
  context_->queued();
}

// Others have their turn before it goes on. The coroutine has no activity, so its resumption ends
// nothing but itself.
task<> driver::pump_later() {
  co_await runtime_.sleep(std::chrono::milliseconds{0});
  is_pumped_later_ = false;
}

// Does what can be done now; whether that was all.
bool driver::pump_some() {
  for (std::size_t steps = 0; steps < steps_per_turn; ++steps) {
    while (end_some_run()) {
    }
    bool is_leaving = stage_ == stage::leaving;
    if (is_leaving && !has_left_groups_) {
      has_left_groups_ = groups_.leave_some(steps_per_turn);
      if (!has_left_groups_) {
        return false;
      }
    }
    if ((is_open() || is_leaving) && start_next()) {
      continue;
    }
    if (!is_leaving || !running_.is_idle() || !waiting_.is_empty()) {
      return true;
    }
    // Requests that were there when the connection ended may have begun anew.
    running_.end_detached();
    groups_.stop();
    if (groups_.leave_some(steps_per_turn)) {
      stage_ = stage::gone;
      running_.start(
          {.kind = coroutine_run::purpose::leave, .call = action_call{run_disconnected()}});
    } else {
      return false;
    }
  }
  return false;
}

// Starts what is next, if there is something and it need not wait.
bool driver::start_next() {
  if (is_open() && running_.is_idle() && start_event_run(groups_.catch_up())) {
    return true;
  }
  switch (waiting_.next(running_)) {
  case turn_queue::turn::none:
    return false;
  case turn_queue::turn::frame:
    waiting_.hold(dispatch_.parse(waiting_.take_frame()));
    return start_next();
  case turn_queue::turn::request:
    start_request();
    return true;
  case turn_queue::turn::event:
    start_event_run(groups_.tell(waiting_.take_event()));
    return true;
  case turn_queue::turn::mark:
    take_mark(waiting_.take_mark());
    return true;
  }
  return false;
}

void driver::start_request() {
  if (context_->is_congested()) {
    running_.start({.kind = coroutine_run::purpose::drain, .call = action_call{drain()}});
  } else {
    auto run = dispatch_.call(waiting_.take_request());
    if (context_->logs_requests()) {
      run.started = std::chrono::steady_clock::now();
    }
    running_.start(std::move(run));
  }
}

// Whether there is anything to be run.
bool driver::start_event_run(task<> work) {
  if (work.done()) {
    return false;
  }
  running_.start({.kind = coroutine_run::purpose::event, .call = action_call{std::move(work)}});
  return true;
}

void driver::take_mark(const mailbox::message& x) {
  if (const auto* tick = std::get_if<position_tick>(&x)) {
    groups_.tell(*tick);
  } else {
    start_event_run(groups_.tell(std::get<commit_mark>(x)));
  }
}

// -- ends of coroutines ---------------------------------------------------------------------------

bool driver::end_some_run() {
  auto ended = running_.take_ended();
  if (ended.empty()) {
    return false;
  }
  end(ended.front());
  return true;
}

void driver::end(coroutine_run& x) {
  std::exception_ptr error;
  std::optional<response> result;
  try {
    result = x.call.take();
  } catch (...) {
    error = std::current_exception();
  }
  if (x.activity.transaction != 0) {
    context_->abandon(x.activity.transaction);
  }
  switch (x.kind) {
  case coroutine_run::purpose::connect:
    opened(error);
    break;
  case coroutine_run::purpose::action:
    dispatch_.answer(x, result, error);
    break;
  case coroutine_run::purpose::event:
    log_failure("handling an event", error);
    break;
  case coroutine_run::purpose::background:
  case coroutine_run::purpose::drain:
    log_failure("a hook", error);
    break;
  case coroutine_run::purpose::leave:
    log_failure("a hook", error);
    groups_.clear();
    context_->finished();
    break;
  }
}

void driver::log_failure(std::string_view where, const std::exception_ptr& error) {
  if (error) {
    context_->log_failure(where, error);
  }
}

// -- the end --------------------------------------------------------------------------------------

task<> driver::run_disconnected() { co_await consumer_->disconnected(close_code_); }

void driver::disconnect(std::uint16_t code) {
  if (stage_ == stage::leaving || stage_ == stage::gone) {
    return;
  }
  close_code_ = code;
  user_.stop();
  bool was_refused = stage_ == stage::refused;
  stage_ = was_refused ? stage::gone : stage::leaving;
  waiting_.drop_events();
  groups_.stop();
  running_.end_detached();
  if (was_refused) {
    groups_.clear();
    context_->finished();
  } else {
    pump();
  }
}

void driver::abort() {
  stage_ = stage::gone;
  pumping_later_ = {};
  user_.stop();
  waiting_.clear();
  running_.clear();
  groups_.clear();
}

} // namespace dcrf
