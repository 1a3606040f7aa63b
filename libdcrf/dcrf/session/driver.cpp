#include "dcrf/session/driver.hpp"

#include <algorithm>
#include <typeinfo>
#include <utility>

namespace dcrf {

namespace {

// How many actions of a consumer may wait for the answers to their last commands.
constexpr std::size_t most_ending = 64;

// Whether the members of the group only send the message on to their clients.
bool sends_only(const group_message& x) noexcept {
  return x.target.observer != nullptr && x.target.observer->handle == nullptr && !x.is_loss;
}

// A request that was refused before its action was called, in its place among the others.
task<> refused(std::exception_ptr reason) {
  std::rethrow_exception(reason);
  co_return;
}

} // namespace

driver::driver(session_context& context, dcrf::scope connection, std::unique_ptr<consumer> subject,
               std::span<const linked_stream> streams)
    : context_(&context),
      scope_(std::move(connection)),
      runtime_(context),
      consumer_(std::move(subject)),
      streams_(streams),
      subscriptions_(context, *this) {
  consumer_->attach(*this);
  context.on_resumed([this] { pump(); });
}

driver::~driver() {
  abort();
  context_->on_resumed(nullptr);
}

// -- the handshake --------------------------------------------------------------------------------

void driver::connect(const authenticator& authenticate) {
  start({.kind = run::purpose::connect, .call = action_call{open(authenticate)}});
  pump();
}

task<> driver::open(authenticator authenticate) {
  if (authenticate) {
    scope_.user = co_await authenticate(scope_, runtime_);
  }
  if (!consumer_->descriptor().can_connect(scope_)) {
    throw permission_denied();
  }
  co_await consumer_->connected();
}

void driver::opened(const std::exception_ptr& error) {
  if (stage_ != stage::connecting) {
    return;
  }
  if (!error && !is_closing_) {
    stage_ = stage::open;
    context_->accept();
    for (auto& x : std::exchange(early_frames_, {})) {
      context_->send(std::move(x));
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

// -- what the consumer asks for -------------------------------------------------------------------

void driver::send(std::string frame) {
  if (is_open()) {
    context_->send(std::move(frame));
  } else if (stage_ == stage::connecting) {
    early_frames_.push_back(std::move(frame));
  }
}

void driver::send(std::shared_ptr<const std::string> head, std::string_view tail) {
  if (is_open()) {
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

void driver::stop() {
  if (stage_ == stage::open) {
    is_closing_ = true;
    drop_waiting();
  }
}

void driver::cancel(std::string_view action) {
  end_detached([action](const run& x) { return x.req && x.req->action() == action; });
}

void driver::spawn(task<> work) {
  if (stage_ == stage::connecting || stage_ == stage::open) {
    start({.kind = run::purpose::background,
           .is_detached = true,
           .call = action_call{std::move(work)}});
  }
}

task<> driver::drain() {
  if (context_->is_congested()) {
    drain_call draining{*context_};
    co_await draining;
  }
}

task<> driver::join(group_name group, std::optional<std::string> request_id) {
  return subscriptions_.add(std::move(group), std::move(request_id));
}

void driver::leave(const group_name& group, const std::optional<std::string>& request_id) {
  subscriptions_.remove(group, request_id);
}

// -- requests and events --------------------------------------------------------------------------

void driver::receive(std::string_view payload, bool is_text) {
  take({.payload = std::string{payload}, .is_text = is_text});
}

void driver::receive_multiplexed(std::string_view frame_text) {
  take({.payload = std::string{frame_text}, .is_multiplexed = true});
}

void driver::take(frame x) {
  if (!is_open()) {
    return;
  }
  if (may_start_now()) {
    held_ = parse(std::move(x));
    pump();
  } else {
    push(std::move(x));
  }
}

void driver::deliver(group_message_ptr message) {
  if (is_open() && may_start_now() && may_start(message) && sends_only(*message)) {
    start_event(message);
  } else if (is_open() || stage_ == stage::connecting) {
    push(std::move(message));
  }
}

void driver::push(mailbox::message x) {
  mailbox_.push(std::move(x));
  pump();
}

// Never runs inside a coroutine of the consumer, and never inside itself.
void driver::pump() {
  if (is_pumping_) {
    return;
  }
  is_pumping_ = true;
  do {
    while (reap()) {
    }
    while (!is_busy_ && (is_open() || stage_ == stage::leaving) && start_next()) {
      reap();
    }
    if (stage_ == stage::leaving && is_idle() && !is_waiting()) {
      stage_ = stage::gone;
      let_go();
      start({.kind = run::purpose::leave, .call = action_call{run_disconnected()}});
    }
  } while (reap());
  is_pumping_ = false;
  context_->queued(mailbox_.bytes());
}

// Starts what is next in the mailbox, if there is something and it need not wait.
bool driver::start_next() {
  if (held_) {
    if (!may_start(*held_)) {
      return false;
    }
    if (context_->is_congested()) {
      start({.kind = run::purpose::drain, .call = action_call{drain()}});
      return true;
    }
    start_request(*std::exchange(held_, std::nullopt));
    return true;
  }
  if (mailbox_.empty()) {
    return false;
  }
  if (const auto* message = std::get_if<group_message_ptr>(&mailbox_.front());
      message != nullptr && !may_start(*message)) {
    return false;
  }
  auto next = mailbox_.pop();
  if (const auto* message = std::get_if<group_message_ptr>(&next)) {
    start_event(*message);
    return true;
  }
  held_ = parse(std::get<frame>(std::move(next)));
  return start_next();
}

// While others wait for the answer to their last command, another such action may come to its own:
// nobody can tell, since commands are executed, and replies sent, in the order of the requests. A
// burst of writes is then committed together.
bool driver::may_start(const arrival& x) const {
  if (is_idle()) {
    return true;
  }
  const auto& descriptor = consumer_->descriptor();
  return x.action != nullptr && x.action->ends_with_command && ending_ < most_ending
         && context_->is_pipelining() && descriptor.without_write_hooks != nullptr
         && *descriptor.without_write_hooks == typeid(*consumer_);
}

// The event of a write comes after the reply to it, on whichever way it came here.
bool driver::may_start(const group_message_ptr&) const { return is_idle(); }

// Nothing waits that has come before.
bool driver::may_start_now() const noexcept { return !is_pumping_ && !is_busy_ && !is_waiting(); }

driver::arrival driver::parse(frame x) {
  arrival result{.req = std::make_unique<request>(scope_, context_->reader())};
  auto& req = *result.req;
  try {
    if (!x.is_text) {
      throw parse_error("Frames must be text.");
    }
    req.parse(std::move(x.payload), x.is_multiplexed ? "payload" : "");
    auto name = consumer_->action_name(req);
    if (!name) {
      req.action_value({});
      throw api_exception(405, "Unable to find action in message body.");
    }
    if (name->str() != req.action_text()) {
      req.action_value(*name);
    }
    if (req.names_action()) {
      result.action = consumer_->descriptor().find(req.action());
    }
  } catch (...) {
    result.error = std::current_exception();
  }
  return result;
}

void driver::start_request(arrival x) {
  auto& req = *x.req;
  run started{.req = std::move(x.req)};
  try {
    if (x.error) {
      std::rethrow_exception(x.error);
    }
    if (!consumer_->descriptor().has_permission(req)) {
      throw permission_denied();
    }
    check_throttles();
    if (x.action == nullptr) {
      throw method_not_allowed(req.action());
    }
    started.is_detached = x.action->is_detached;
    started.call = call_action(req, *x.action);
  } catch (...) {
    started.call = action_call{refused(std::current_exception())};
  }
  start(std::move(started));
}

// Each throttle counts the request, whatever the others say, and the longest wait is told.
void driver::check_throttles() {
  std::optional<std::chrono::seconds> wait;
  for (const auto& x : consumer_->descriptor().throttles) {
    auto subject = throttled_subject(x, scope_);
    if (!subject) {
      continue;
    }
    bool is_own = x.of == throttle_descriptor::subject::connection;
    if (is_own && !history_) {
      history_ = std::make_unique<throttle_history>();
    }
    auto& history = is_own ? *history_ : context_->throttling();
    wait = std::max(wait, history.count(x, *subject, context_->now()));
  }
  if (wait) {
    throw throttled(wait);
  }
}

action_call driver::call_action(request& req, const action_descriptor& action) {
  if (action.is_atomic) {
    return call_atomic(req, action);
  }
  return action.call(*consumer_, req);
}

task<std::optional<response>> driver::call_atomic(request& req, const action_descriptor& action) {
  std::optional<response> result;
  auto body = [this, &req, &action, &result]() -> task<> {
    result = co_await action.call(*consumer_, req);
  };
  co_await runtime_.atomic(body);
  co_return result;
}

void driver::start_event(const group_message_ptr& message) {
  const auto* request_ids = subscriptions_.find(message->target);
  if (request_ids == nullptr) {
    return;
  }
  if (!sends_only(*message)) {
    start({.kind = run::purpose::event, .call = action_call{handle(message)}});
    return;
  }
  for (const auto& id : *request_ids) {
    context_->send(std::shared_ptr<const std::string>{message, &message->head}, id + '}');
  }
}

task<> driver::handle(group_message_ptr message) {
  const auto* found = subscriptions_.find(message->target);
  if (found == nullptr) {
    co_return;
  }
  const auto* observer = message->target.observer;
  // The handler may end the subscription that it is told of.
  auto request_ids = *found;
  observed event{*message, request_ids};
  if (message->is_loss && (observer == nullptr || observer->make_up == nullptr)) {
    co_await consumer_->missed(*message, request_ids);
  } else if (message->is_loss) {
    co_await observer->make_up(*consumer_, event);
  } else if (observer == nullptr) {
    co_await consumer_->received(*message);
  } else {
    co_await observer->handle(*consumer_, event);
  }
}

// -- coroutines -----------------------------------------------------------------------------------

void driver::start(run x) {
  is_busy_ = is_busy_ || !x.is_detached;
  running_.push_back(std::move(x));
  auto& started = running_.back();
  auto* outer = context_->current();
  context_->current(&started.activity);
  started.call.start();
  context_->current(outer);
}

// Ends a run that is done; whether there was one. Replies keep the order of their requests.
bool driver::reap() {
  bool is_first = true;
  auto may_end = [&is_first](const run& x) {
    bool is_in_order = x.is_detached || std::exchange(is_first, false);
    return is_in_order && x.call.done();
  };
  auto done = std::ranges::find_if(running_, may_end);
  if (done == running_.end()) {
    return false;
  }
  std::list<run> ended;
  ended.splice(ended.begin(), running_, done);
  auto& x = ended.front();
  if (x.is_ending) {
    --ending_;
  } else if (!x.is_detached) {
    is_busy_ = false;
  }
  end(x);
  return true;
}

void driver::let_next_start() {
  auto* activity = context_->current();
  auto found =
      std::ranges::find_if(running_, [activity](const run& x) { return &x.activity == activity; });
  if (found == running_.end() || found->is_detached || activity->transaction != 0) {
    return;
  }
  found->is_ending = true;
  ++ending_;
  is_busy_ = false;
}

void driver::end(run& x) {
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
  case run::purpose::connect:
    opened(error);
    return;
  case run::purpose::action:
    if (error) {
      answer(*x.req, error);
    } else if (result) {
      consumer_->reply(*x.req, *result);
    }
    return;
  case run::purpose::event:
  case run::purpose::background:
  case run::purpose::drain:
  case run::purpose::leave:
    break;
  }
  if (error) {
    context_->log_failure(x.kind == run::purpose::event ? "handling an event" : "a hook", error);
  }
  if (x.kind == run::purpose::leave) {
    subscriptions_.clear();
    context_->finished();
  }
}

void driver::answer(const request& req, const std::exception_ptr& error) {
  auto report = report_of(error);
  if (report.status() >= 500) {
    context_->log_failure(req.action(), error);
  }
  send(envelope(report.list().str(), "null", req.action_text(), report.status(), req.id()));
}

// -- the end --------------------------------------------------------------------------------------

task<> driver::run_disconnected() { co_await consumer_->disconnected(); }

void driver::disconnect() {
  if (stage_ == stage::leaving || stage_ == stage::gone) {
    return;
  }
  bool was_refused = stage_ == stage::refused;
  stage_ = was_refused ? stage::gone : stage::leaving;
  mailbox_.drop_events();
  let_go();
  if (was_refused) {
    context_->finished();
  } else {
    pump();
  }
}

void driver::end_detached(const std::function<bool(const run&)>& which) {
  running_.remove_if([&](const run& x) {
    if (!x.is_detached || !which(x)) {
      return false;
    }
    if (x.activity.transaction != 0) {
      context_->abandon(x.activity.transaction);
    }
    return true;
  });
}

// What must not outlive the connection. Requests that were there when it ended may begin anew.
void driver::let_go() {
  end_detached([](const run&) { return true; });
  subscriptions_.clear();
}

void driver::drop_waiting() {
  mailbox_.clear();
  held_.reset();
}

void driver::abort() {
  stage_ = stage::gone;
  drop_waiting();
  for (const auto& x : running_) {
    if (x.activity.transaction != 0) {
      context_->abandon(x.activity.transaction);
    }
  }
  running_.clear();
  subscriptions_.clear();
}

} // namespace dcrf
