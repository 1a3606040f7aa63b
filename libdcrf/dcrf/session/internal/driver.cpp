#include "dcrf/session/internal/driver.hpp"

#include "dcrf/session/internal/request_log.hpp"

#include <algorithm>
#include <chrono>
#include <typeinfo>
#include <utility>

namespace dcrf {

namespace {

// What one turn of the thread does for one consumer, in requests and events begun or groups left:
// whatever a client made, others wait a millisecond for it.
constexpr std::size_t steps_per_turn = 64;

// Within which a request ends that was allowed before that was asked again.
constexpr std::chrono::seconds between_checks{1};

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
      subscriptions_(context, *this),
      live_(context, *this, subscriptions_),
      live_sender_(context, *consumer_, *this),
      live_events_(context, runtime_, live_, live_sender_),
      lists_(context, runtime_, *this, *this),
      dispatch_(context, scope_, runtime_, *consumer_, {context, *this, live_, live_sender_}),
      events_(context, runtime_, *consumer_, subscriptions_) {
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
  if (how.ask && !co_await identify(how)) {
    reject(not_authenticated_code);
    co_return;
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

// Finds out who the client is; false if a close tells it that it is refused.
task<bool> driver::identify(const authentication& how) {
  choose_token_subprotocol(*context_, how, scope_);
  std::exception_ptr error;
  try {
    scope_.user = co_await how.ask(scope_, runtime_);
  } catch (...) {
    error = std::current_exception();
  }
  if (error) {
    if (is_told_by_close(how, scope_, error)) {
      co_return false;
    }
    std::rethrow_exception(error);
  }
  if (login::is_needed(how, scope_.user)) {
    login_ = std::make_unique<login>(*context_, runtime_, *this, how, scope_);
    dispatch_.follow(login_.get());
  }
  co_return true;
}

void driver::opened(const std::exception_ptr& error) {
  if (stage_ != stage::connecting) {
    return;
  }
  if (!error && rejection_ != 0) {
    stage_ = stage::refused;
    subscriptions_.clear();
    accept();
    context_->close(rejection_);
    return;
  }
  if (!error && !is_closing_) {
    stage_ = stage::open;
    accept();
    if (check_when_open_) {
      check_again(*std::exchange(check_when_open_, nullptr));
    }
    return;
  }
  auto status = error ? report_of(error).status() : permission_denied{}.status();
  if (status >= 500) {
    context_->log_failure("connecting", error);
  }
  stage_ = stage::refused;
  subscriptions_.clear();
  context_->refuse(status);
}

void driver::accept() {
  context_->accept();
  for (auto& x : early_frames_.take_all()) {
    if (x.is_text) {
      context_->send(std::move(x.payload));
    } else {
      context_->send_bytes(std::move(x.payload));
    }
  }
}

// -- what the consumer asks for -------------------------------------------------------------------

void driver::send(std::string frame) {
  if (is_open()) {
    events_.has_sent();
    context_->send(std::move(frame));
  } else if (stage_ == stage::connecting) {
    send_early({.payload = std::move(frame)});
  }
}

void driver::send_bytes(std::string bytes) {
  if (is_open()) {
    events_.has_sent();
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
    events_.has_sent();
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
  std::shared_ptr<live_subscription> live;
  if (group.observer != nullptr && run != nullptr && run->live
      && request_id == run->req->optional_id()) {
    live = live_.subscribe(*run->live, group, request_id);
  } else if (request_id && !live_.empty()) {
    live_.subscribe_plainly(*request_id);
  }
  return subscriptions_.add(std::move(group), std::move(request_id), std::move(live),
                            request_of(run));
}

void driver::leave(const group_name& group, const std::optional<std::string>& request_id) {
  subscriptions_.remove(group, request_id);
  if (!live_.empty()) {
    live_.left(group, request_id);
  }
}

// -- what is allowed no more ----------------------------------------------------------------------

// The groups that one request joins share it.
std::shared_ptr<const kept_request> driver::request_of(const coroutine_run* x) {
  if (x == nullptr || !x->req || !consumer_->descriptor().may_refuse) {
    return nullptr;
  }
  const auto& req = *x->req;
  if (!last_kept_ || last_kept_->frame != req.frame()) {
    last_kept_ = std::make_shared<const kept_request>(
        kept_request{.frame = req.frame(), .is_multiplexed = !req.member().empty()});
  }
  return last_kept_;
}

// It waits for no turn: what runs meanwhile may take long.
void driver::check_again(const authentication& how) {
  if (stage_ == stage::connecting) {
    check_when_open_ = std::make_unique<authentication>(how);
  } else if (is_open()) {
    auto* outer = context_->current();
    context_->current(nullptr);
    checking_ = check(how);
    checking_.start();
    context_->current(outer);
  }
}

task<> driver::check(authentication how) {
  consumer_->forget_answers();
  std::exception_ptr error;
  bool stays = false;
  try {
    stays = co_await may_stay(how);
    if (stays) {
      co_await check_subscriptions();
      // What was let through before may have subscribed since.
      co_await runtime_.sleep(between_checks);
      co_await check_subscriptions();
    }
  } catch (...) {
    error = std::current_exception();
  }
  if (error) {
    // Who can't be asked about is told nothing more.
    context_->log_failure("asking again what is allowed", error);
    close(try_again_later_code);
  } else if (!stays) {
    close(forbidden_code);
  }
}

task<bool> driver::may_stay(const authentication& how) {
  if (how.ask) {
    auto user = co_await ask_user_again(how, runtime_, login_.get(), scope_);
    if (!user) {
      co_return false;
    }
    user_changed(*user);
  }
  co_return co_await may_connect();
}

task<> driver::check_subscriptions() {
  end_lists();
  for (const auto& x : subscriptions_.all_kept()) {
    bool goes_on = co_await may_go_on(x);
    if (goes_on || !is_open()) {
      continue;
    }
    for (const auto& group : x.groups) {
      leave(group, x.request_id);
    }
    auto asked = dispatch_.parse({.payload = x.by->frame, .is_multiplexed = x.by->is_multiplexed});
    permission_denied refused;
    send(envelope(error_report(refused.status(), refused.text()).list().str(), "null",
                  asked.req->action_text(), refused.status(), asked.req->id()));
  }
}

task<bool> driver::may_go_on(const subscriptions::kept& x) {
  auto asked = dispatch_.parse({.payload = x.by->frame, .is_multiplexed = x.by->is_multiplexed});
  auto& req = *asked.req;
  if (consumer_->descriptor().awaits()) {
    co_await consumer_->prepare(req);
  }
  if (!consumer_->descriptor().has_permission(req)) {
    co_return false;
  }
  bool goes_on = co_await consumer_->may_stay_subscribed(req);
  for (const auto& group : x.groups) {
    if (goes_on) {
      goes_on = co_await consumer_->may_stay_in(group);
    }
  }
  co_return goes_on;
}

// The rows of a list were chosen as the user's rights were: who may still watch it subscribes
// again.
void driver::end_lists() {
  permission_denied refused{"What you may see has changed, subscribe again."};
  lists_.end_all(error_report(refused.status(), refused.text()).list().str(), refused.status());
}

task<> driver::watch(const request& req, watched_list x) {
  auto* run = running_.find(context_->current());
  return lists_.watch(req, std::move(x), run != nullptr ? run->live.get() : nullptr);
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
  if (is_of_list(*message)) {
    if (may_take_now() && lists_.tell(message)) {
      pump();
    } else if (is_open()) {
      push(std::move(message));
    }
    return false;
  }
  const auto* to = live_.empty() ? nullptr : subscriptions_.find(message->target);
  bool is_live = to != nullptr && to->is_live();
  if (is_live && !message->is_loss && live_delivery::drops(*to)) {
    pump();
    return false;
  }
  if (may_take_now() && events_.send_on(message)) {
    if (is_live) {
      live_events_.take(*to, message);
    }
  } else if (is_open() || stage_ == stage::connecting) {
    push(std::move(message));
  }
  return is_live;
}

void driver::commit_ended(const feed_position_ptr& position) { push_mark(commit_mark{position}); }

void driver::position_reached(const position_tick& x) {
  if (!live_.empty() || !lists_.empty()) {
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
  if (!is_frame && (!live_.empty() || !lists_.empty()) && context_->budget().has_many_events()) {
    shed_events();
  }
  pump();
}

// Who can read later what has happened need not keep it in memory.
void driver::shed_events() {
  live_events_.fall_behind();
  lists_.fall_behind();
  waiting_.drop_messages([this](const group_message& x) {
    if (is_of_list(x)) {
      return true;
    }
    const auto* to = subscriptions_.find(x.target);
    return to != nullptr && !x.is_loss && live_delivery::drops(*to);
  });
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
      has_left_groups_ = subscriptions_.leave_some(steps_per_turn);
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
    lists_.clear();
    if (subscriptions_.leave_some(steps_per_turn)) {
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
  if (is_open() && running_.is_idle() && !live_.empty() && live_.has_behind()) {
    start_event_run(live_events_.catch_up());
    return true;
  }
  if (is_open() && running_.is_idle() && lists_.has_behind()) {
    start_event_run(lists_.catch_up());
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
    start_event(waiting_.take_event());
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

void driver::start_event_run(task<> work) {
  running_.start({.kind = coroutine_run::purpose::event, .call = action_call{std::move(work)}});
}

void driver::start_event(group_message_ptr message) {
  if (is_of_list(*message)) {
    if (!lists_.tell(message)) {
      start_event_run(lists_.tell_in_turns(std::move(message)));
    }
    return;
  }
  if (const auto* to = live_.empty() ? nullptr : subscriptions_.find(message->target)) {
    live_events_.take(*to, message);
    if (to->is_only_live()) {
      return;
    }
  }
  if (!events_.send_on(message)) {
    start_event_run(events_.deliver(std::move(message)));
  }
}

void driver::take_mark(const mailbox::message& x) {
  if (const auto* tick = std::get_if<position_tick>(&x)) {
    live_events_.reach(*tick);
    lists_.reach(*tick);
    return;
  }
  const auto& position = std::get<commit_mark>(x).position;
  if (!live_events_.end_commit(position)) {
    start_event_run(live_events_.tell(position));
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
  if (x.kind == coroutine_run::purpose::connect) {
    opened(error);
  } else if (x.kind == coroutine_run::purpose::action && error) {
    answer(*x.req, error);
  } else if (x.kind == coroutine_run::purpose::action && result) {
    consumer_->reply(*x.req, *result);
  } else if (error) {
    context_->log_failure(x.kind == coroutine_run::purpose::event ? "handling an event" : "a hook",
                          error);
  }
  if (x.kind == coroutine_run::purpose::action && x.started != decltype(x.started){}) {
    auto answered = x.live ? static_cast<unsigned>(x.live->status) : 0;
    auto replied = result ? static_cast<unsigned>(result->status) : answered;
    context_->log_request(request_line(*x.req, consumer_->descriptor().name,
                                       error ? report_of(error).status() : replied,
                                       std::chrono::steady_clock::now() - x.started));
  }
  if (x.kind == coroutine_run::purpose::leave) {
    subscriptions_.clear();
    context_->finished();
  }
}

void driver::answer(const request& req, const std::exception_ptr& error) {
  auto report = report_of(error);
  if (report.status() >= 500) {
    context_->log_failure(subject_of(req, consumer_->descriptor().name), error);
  }
  send(envelope(report.list().str(), "null", req.action_text(), report.status(), req.id()));
}

// -- the end --------------------------------------------------------------------------------------

task<> driver::run_disconnected() { co_await consumer_->disconnected(close_code_); }

void driver::disconnect(std::uint16_t code) {
  if (stage_ == stage::leaving || stage_ == stage::gone) {
    return;
  }
  close_code_ = code;
  checking_ = {};
  if (login_) {
    login_->stop();
  }
  bool was_refused = stage_ == stage::refused;
  stage_ = was_refused ? stage::gone : stage::leaving;
  waiting_.drop_events();
  live_.clear();
  lists_.clear();
  running_.end_detached();
  if (was_refused) {
    subscriptions_.clear();
    context_->finished();
  } else {
    pump();
  }
}

void driver::abort() {
  stage_ = stage::gone;
  pumping_later_ = {};
  checking_ = {};
  if (login_) {
    login_->stop();
  }
  waiting_.clear();
  running_.clear();
  live_.clear();
  lists_.clear();
  subscriptions_.clear();
}

} // namespace dcrf
