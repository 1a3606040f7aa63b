#include "dcrf/testing/test_server.hpp"

#include "dcrf/groups/presence_table.hpp"
#include "dcrf/observer/announcer.hpp"
#include "dcrf/routing/http_routes.hpp"
#include "dcrf/routing/router.hpp"
#include "dcrf/runtime/session_budget.hpp"
#include "dcrf/store/command_queue.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <exception>
#include <iostream>
#include <map>
#include <stdexcept>
#include <unordered_map>
#include <vector>

namespace dcrf {

using std::chrono::milliseconds;

namespace {

// As a server closes when events pile up.
constexpr std::uint16_t try_again_later = 1013;

// Longer than anything that a test waits for, and never reached but by timers without an end.
constexpr std::chrono::hours patience{7 * 24};

std::string words_for(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

} // namespace

// -- groups ---------------------------------------------------------------------------------------

class test_server::hub final : public channel_layer {
public:
  std::vector<const observer_descriptor*> observers_of(const void* subject) const override {
    std::vector<const observer_descriptor*> result;
    for (const auto& [target, members] : members_) {
      if (target.observer != nullptr && target.observer->subject == subject
          && std::ranges::find(result, target.observer) == result.end()) {
        result.push_back(target.observer);
      }
    }
    return result;
  }

  bool has_members(const group_name& x) const override { return members_.contains(x); }

  void publish(group_message_ptr message) override;

  presence_table& presences() override { return presences_; }

  void join(const group_name& x, session* session, group_member* member) {
    members_[x].emplace(member, session);
  }

  void leave(const group_name& x, group_member* member) {
    if (auto found = members_.find(x); found != members_.end()) {
      found->second.erase(member);
      if (found->second.empty()) {
        members_.erase(found);
      }
    }
  }

  bool is_member(const group_name& x, group_member* member) const {
    auto found = members_.find(x);
    return found != members_.end() && found->second.contains(member);
  }

  std::size_t memberships() const {
    std::size_t result = 0;
    for (const auto& [target, members] : members_) {
      result += members.size();
    }
    return result;
  }

private:
  std::unordered_map<group_name, std::map<group_member*, session*>> members_;
  presence_table presences_{[this](group_message_ptr x) { publish(std::move(x)); }};
};

// -- the server -----------------------------------------------------------------------------------

struct test_server::state {
  explicit state(schema listed)
      : models(std::move(listed)),
        db({.url = "sqlite://:memory:"}, models),
        announcing(db, channels),
        queue(db, [this](const command_queue::committed& done) {
          for (const auto& changes : done.changes) {
            announcing.announce(changes);
          }
        }) {
    db.load_with_changes([this](const change& x) { return announcing.plans_of(x); },
                         [this](const change& x) { return announcing.group_plans_of(x); });
    db.migrate();
  }

  void post(std::function<void()> work) { ready.push_back(std::move(work)); }

  // Does what is left to do now; whether there was anything.
  bool work() {
    queue.run();
    if (ready.empty()) {
      return false;
    }
    auto next = std::move(ready.front());
    ready.pop_front();
    next();
    return true;
  }

  bool advance() {
    if (timers.empty()) {
      return false;
    }
    auto next = timers.extract(timers.begin());
    now = next.key();
    next.mapped()();
    return true;
  }

  schema models;
  hub channels;
  database db;
  announcer announcing;
  command_queue queue;
  router<endpoint> routes;
  http_routes http;
  authenticator authenticating;
  frame_reader reader;
  throttle_history throttling;
  std::deque<std::function<void()>> ready;
  milliseconds now{0};
  std::multimap<milliseconds, std::function<void()>> timers;
  // What failed, until a wait without an end tells it.
  std::vector<std::string> failures;
  // Runs the tasks of the test itself.
  std::shared_ptr<session> own;
  std::optional<dcrf::runtime> own_runtime;
};

// -- a session ------------------------------------------------------------------------------------

class test_server::session final : public session_context,
                                   public std::enable_shared_from_this<session> {
public:
  explicit session(state& server) : server_(server) {}

  void start(dcrf::scope connection, const endpoint& make) {
    handler_ = make(*this, std::move(connection));
    handler_->connect(server_.authenticating);
  }

  // As a client does that closes with 1000, unless the server has closed.
  void disconnect() {
    if (handler_ && !is_finished_) {
      handler_->disconnect(close_code.value_or(1000));
    }
  }

  // -- implementation of session_context ----------------------------------------------------------

  void submit(command x, ticket answer) override {
    auto done = [&server = server_, self = weak_from_this(), answer](store_result result) {
      server.post([&server, self, answer, result = std::move(result)] {
        if (auto alive = self.lock()) {
          alive->finish(answer, result);
        } else if (result.transaction != 0) {
          server.queue.abandon(result.transaction);
        }
      });
    };
    server_.queue.push(std::move(x), std::move(done));
  }

  void sleep(milliseconds duration, ticket answer) override {
    server_.timers.emplace(server_.now + duration, guarded([this, answer] { finish(answer, {}); }));
  }

  void offload(std::function<void()> work, ticket answer) override {
    post([this, work = std::move(work), answer] {
      work();
      finish(answer, {});
    });
  }

  void forget(ticket) override {}

  channel_layer& channels() override { return server_.channels; }

  void abandon(std::uint64_t transaction) override { server_.queue.abandon(transaction); }

  void log_failure(std::string_view where, const std::exception_ptr& error) override {
    server_.failures.push_back(std::string{where} + ": " + words_for(error));
    std::cerr << "dcrf::test_server: " << server_.failures.back() << '\n';
  }

  frame_reader& reader() override { return server_.reader; }

  void accept() override { is_accepted = true; }

  void refuse(unsigned status) override {
    refused_with = status;
    post([this] { disconnect(); });
  }

  void send(std::string frame) override { frames.push_back({std::move(frame), true}); }

  void send(std::shared_ptr<const std::string> head, std::string_view tail) override {
    frames.push_back({*head + std::string{tail}, true});
  }

  void send_bytes(std::string bytes) override { frames.push_back({std::move(bytes), false}); }

  void choose_subprotocol(std::string name) override { subprotocol = std::move(name); }

  void close(std::uint16_t code) override {
    if (!close_code) {
      close_code = code;
      handler_->stop();
      post([this] { disconnect(); });
    }
  }

  session_budget& budget() override { return budget_; }
  throttle_history& throttling() override { return server_.throttling; }
  throttle_history::clock::time_point now() const override {
    return throttle_history::clock::time_point{server_.now};
  }

  void join(const group_name& x, group_member& member, ticket answer) override {
    server_.channels.join(x, this, &member);
    finish(answer, {});
  }

  void leave(const group_name& x, group_member& member) override {
    server_.channels.leave(x, &member);
  }

  bool is_congested() override { return false; }
  void drain(ticket answer) override { finish(answer, {}); }
  std::uint64_t version() override { return server_.db.version(); }

  void queued() override {
    if (budget_.is_exceeded()) {
      close(try_again_later);
    }
  }

  void finished() override { is_finished_ = true; }

  // -----------------------------------------------------------------------------------------------

  void receive(std::string_view frame, bool is_text) {
    if (handler_) {
      handler_->receive(frame, is_text);
    }
  }

  // The member may have left meanwhile, and be gone.
  void deliver(group_member* member, group_message_ptr message) {
    post([this, member, message = std::move(message)]() mutable {
      if (server_.channels.is_member(message->target, member)) {
        member->deliver(std::move(message));
      }
    });
  }

  // Work that is dropped when the session is gone.
  template <class Work>
  std::function<void()> guarded(Work work) {
    auto shared = std::make_shared<Work>(std::move(work));
    return [self = weak_from_this(), shared] {
      if (auto alive = self.lock()) {
        (*shared)();
      }
    };
  }

  template <class Work>
  void post(Work work) {
    server_.post(guarded(std::move(work)));
  }

  bool is_accepted = false;
  unsigned refused_with = 0;
  std::optional<std::uint16_t> close_code;
  struct sent {
    std::string payload;
    bool is_text;
  };
  std::deque<sent> frames;
  std::string subprotocol;

  [[nodiscard]] bool is_finished() const noexcept { return is_finished_ || !handler_; }

private:
  state& server_;
  bool is_finished_ = false;
  session_budget budget_;
  std::unique_ptr<session_handler> handler_;
};

void test_server::hub::publish(group_message_ptr message) {
  if (auto found = members_.find(message->target); found != members_.end()) {
    for (const auto& [member, session] : found->second) {
      session->deliver(member, message);
    }
  }
}

// -------------------------------------------------------------------------------------------------

namespace {

void set_target(dcrf::scope& x, std::string_view target) {
  auto query = std::min(target.find('?'), target.size());
  x.path = target.substr(0, query);
  x.query_string = target.substr(std::min(query + 1, target.size()));
}

// A consumer for the tasks of the test itself.
class no_consumer : public api_consumer<no_consumer> {};

} // namespace

test_server::test_server(schema models) : state_(std::make_unique<state>(std::move(models))) {
  state_->own = std::make_shared<session>(*state_);
  state_->own->start({}, endpoint_of<no_consumer>());
  state_->own_runtime.emplace(*state_->own);
}

test_server::~test_server() {
  state_->ready.clear();
  state_->timers.clear();
  state_->own.reset();
}

void test_server::websocket(std::string_view pattern, endpoint make) {
  state_->routes.add(pattern, std::move(make));
}

void test_server::http(std::string_view method, std::string_view pattern, http_handler handler) {
  state_->http.add(method, pattern, std::move(handler));
}

void test_server::http(std::string_view method, std::string_view pattern, http_handler handler,
                       without_user_t) {
  state_->http.add(method, pattern, std::move(handler), without_user);
}

void test_server::http(std::string_view pattern, http_handler handler) {
  state_->http.add(pattern, std::move(handler));
}

void test_server::not_found(http_handler handler) {
  state_->http.add_not_found(std::move(handler));
}

void test_server::static_files(std::string_view path, const dcrf::static_files& files) {
  http("GET", std::string{path} + "<path:name>", files.handler(), without_user);
}

void test_server::authenticate(authenticator x) { state_->authenticating = std::move(x); }

http_response test_server::fetch(std::string_view method, std::string_view target, user_info as) {
  http_request request;
  request.method = method;
  request.scope.user = std::move(as);
  return fetch(target, std::move(request));
}

http_response test_server::fetch(std::string_view method, std::string_view target, const json& body,
                                 user_info as) {
  http_request request;
  request.method = method;
  request.scope.user = std::move(as);
  request.scope.headers.emplace_back("content-type", "application/json");
  request.body = body.dump();
  return fetch(target, std::move(request));
}

http_response test_server::fetch(std::string_view target, http_request request) {
  set_target(request.scope, target);
  auto found = state_->http.find(request.method, request.scope.path);
  if (auto* refused = std::get_if<http_response>(&found)) {
    return std::move(*refused);
  }
  const auto& route = std::get<http_routes::found>(found);
  request.scope.parameters = route.parameters;
  const auto& authenticating = route.needs_user ? state_->authenticating : authenticator{};
  auto answering = handle_http(request, runtime(), authenticating, *route.handler);
  auto result = run(std::move(answering));
  if (request.method == "HEAD") {
    result.body.clear();
  }
  return result;
}

test_session test_server::connect(std::string_view target, user_info as) {
  dcrf::scope connection;
  connection.user = std::move(as);
  return connect(target, std::move(connection));
}

test_session test_server::connect(std::string_view target, dcrf::scope connection) {
  set_target(connection, target);
  auto result = std::make_shared<session>(*state_);
  if (auto found = state_->routes.find(connection.path)) {
    connection.parameters = std::move(found->parameters);
    result->start(std::move(connection), *found->endpoint);
    run_until("the end of a handshake",
              [&] { return result->is_accepted || result->refused_with != 0; });
  } else {
    result->refused_with = 404;
  }
  return {*this, std::move(result)};
}

void test_server::start_as(activity& running, const std::function<void()>& start) {
  state_->own->current(&running);
  start();
  state_->own->current(nullptr);
}

void test_server::end(const activity& running) {
  if (running.transaction != 0) {
    state_->queue.abandon(running.transaction);
  }
}

const runtime& test_server::runtime() const noexcept { return state_->own_runtime.value(); }

std::size_t test_server::memberships() const noexcept { return state_->channels.memberships(); }

void test_server::serve(const std::vector<detail::served_class>& classes) const {
  for (const auto& x : classes) {
    if (auto fault = detail::fault_of(x, state_->models)) {
      throw std::invalid_argument(*fault);
    }
  }
}

void test_server::run_until(std::string_view what, const std::function<bool()>& condition) {
  auto started = state_->now;
  while (!condition()) {
    bool is_late = state_->now - started > patience;
    if (is_late || (!state_->work() && !state_->advance())) {
      auto message = "waited for " + std::string{what} + ", but "
                     + (is_late ? "it did not come within a week" : "nothing is left to do");
      for (const auto& x : std::exchange(state_->failures, {})) {
        message += "; before that failed " + x;
      }
      throw std::logic_error(message);
    }
  }
}

void test_server::settle() {
  while (state_->work()) {
  }
}

// -- the client's side ----------------------------------------------------------------------------

test_session::test_session(test_server& server, std::shared_ptr<test_server::session> session)
    : server_(&server), session_(std::move(session)) {}

test_session::test_session(test_session&&) noexcept = default;

test_session& test_session::operator=(test_session&& other) noexcept {
  std::swap(server_, other.server_);
  std::swap(session_, other.session_);
  return *this;
}

test_session::~test_session() {
  try {
    if (session_) {
      disconnect();
    }
  } catch (const std::logic_error&) {
    // A consumer that never ends is the business of the test that waits for it, not of one that
    // unwinds.
  }
}

bool test_session::is_accepted() const noexcept { return session_->is_accepted; }

unsigned test_session::refused_with() const noexcept { return session_->refused_with; }

void test_session::send(const json& frame) { send_text(frame.dump()); }

void test_session::send_text(std::string_view frame) {
  session_->receive(frame, true);
  server_->settle();
}

void test_session::send_together(const std::vector<json>& frames) {
  for (const auto& x : frames) {
    session_->receive(x.dump(), true);
  }
  server_->settle();
}

void test_session::send_binary(std::string_view frame) {
  session_->receive(frame, false);
  server_->settle();
}

json test_session::receive() { return json::parse(receive_text()); }

std::string test_session::receive_text() { return receive_frame(true); }

std::string test_session::receive_bytes() { return receive_frame(false); }

std::string test_session::receive_frame(bool is_text) {
  server_->run_until("a frame", [this] { return !session_->frames.empty(); });
  auto result = std::move(session_->frames.front());
  session_->frames.pop_front();
  if (result.is_text != is_text) {
    throw std::logic_error(is_text ? "the next frame is binary" : "the next frame is a text");
  }
  return std::move(result.payload);
}

const std::string& test_session::subprotocol() const noexcept { return session_->subprotocol; }

bool test_session::is_silent() {
  server_->settle();
  return session_->frames.empty();
}

std::optional<std::uint16_t> test_session::close_code() const noexcept {
  return session_->close_code;
}

void test_session::disconnect() {
  session_->disconnect();
  server_->run_until("the end of a session", [this] { return session_->is_finished(); });
}

} // namespace dcrf
