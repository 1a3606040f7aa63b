#include "dcrf/testing/test_server.hpp"

#include "dcrf/observer/announcer.hpp"
#include "dcrf/routing/router.hpp"
#include "dcrf/store/command_queue.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <stdexcept>
#include <unordered_map>
#include <vector>

namespace dcrf {

using std::chrono::milliseconds;

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

  void join(const group_name& x, session* member) { members_[x].insert(member); }

  void leave(const group_name& x, session* member) {
    if (auto found = members_.find(x); found != members_.end()) {
      found->second.erase(member);
      if (found->second.empty()) {
        members_.erase(found);
      }
    }
  }

  std::size_t memberships() const {
    std::size_t result = 0;
    for (const auto& [target, members] : members_) {
      result += members.size();
    }
    return result;
  }

private:
  std::unordered_map<group_name, std::set<session*>> members_;
};

// -- the server -----------------------------------------------------------------------------------

struct test_server::state {
  explicit state(schema models)
      : db({.url = "sqlite://:memory:"}, std::move(models)),
        announcing(db, channels),
        queue(db, [this](std::vector<change> changes) { announcing.announce(changes); }) {
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

  hub channels;
  database db;
  announcer announcing;
  command_queue queue;
  router<make_consumer> routes;
  authenticator authenticating;
  frame_reader reader;
  std::deque<std::function<void()>> ready;
  milliseconds now{0};
  std::multimap<milliseconds, std::function<void()>> timers;
  // Runs the tasks of the test itself.
  std::shared_ptr<session> own;
};

// -- a session ------------------------------------------------------------------------------------

class test_server::session final : public session_context,
                                   public std::enable_shared_from_this<session> {
public:
  explicit session(state& server) : server_(server) {}

  void start(dcrf::scope connection, std::unique_ptr<consumer> subject) {
    driver_.emplace(*this, std::move(connection), std::move(subject));
    driver_->connect(server_.authenticating);
  }

  void disconnect() {
    if (driver_ && !is_finished_) {
      driver_->disconnect();
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

  channel_layer& channels() override { return server_.channels; }

  void abandon(std::uint64_t transaction) override { server_.queue.abandon(transaction); }

  void log_failure(std::string_view, const std::exception_ptr&) override {}

  frame_reader& reader() override { return server_.reader; }

  void accept() override { is_accepted = true; }

  void refuse(unsigned status) override {
    refused_with = status;
    post([this] { disconnect(); });
  }

  void send(std::string frame) override { frames.push_back(std::move(frame)); }

  void send(std::shared_ptr<const std::string> head, std::string_view tail) override {
    frames.push_back(*head + std::string{tail});
  }

  void close(std::uint16_t code) override {
    if (!close_code) {
      close_code = code;
      post([this] { disconnect(); });
    }
  }

  void join(const group_name& x, ticket answer) override {
    server_.channels.join(x, this);
    finish(answer, {});
  }

  void leave(const group_name& x) override { server_.channels.leave(x, this); }

  void queued(std::size_t) override {}

  void finished() override { is_finished_ = true; }

  // -----------------------------------------------------------------------------------------------

  void receive(std::string_view frame, bool is_text) {
    if (driver_) {
      driver_->receive(frame, is_text);
    }
  }

  void deliver(group_message_ptr message) {
    post([this, message = std::move(message)]() mutable {
      if (driver_) {
        driver_->deliver(std::move(message));
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
  std::deque<std::string> frames;

  [[nodiscard]] bool is_finished() const noexcept { return is_finished_ || !driver_; }

  [[nodiscard]] const dcrf::driver& driver() const noexcept { return *driver_; }

private:
  state& server_;
  bool is_finished_ = false;
  std::optional<dcrf::driver> driver_;
};

void test_server::hub::publish(group_message_ptr message) {
  if (auto found = members_.find(message->target); found != members_.end()) {
    for (auto* member : found->second) {
      member->deliver(message);
    }
  }
}

// -------------------------------------------------------------------------------------------------

namespace {

// A consumer for the tasks of the test itself.
class no_consumer : public api_consumer<no_consumer> {};

} // namespace

test_server::test_server(schema models) : state_(std::make_unique<state>(std::move(models))) {
  state_->own = std::make_shared<session>(*state_);
  state_->own->start({}, std::make_unique<no_consumer>());
}

test_server::~test_server() {
  state_->ready.clear();
  state_->timers.clear();
  state_->own.reset();
}

void test_server::websocket(std::string_view pattern, make_consumer make) {
  state_->routes.add(pattern, std::move(make));
}

void test_server::authenticate(authenticator x) { state_->authenticating = std::move(x); }

test_session test_server::connect(std::string_view target, user_info as) {
  dcrf::scope connection;
  auto query = std::min(target.find('?'), target.size());
  connection.path = target.substr(0, query);
  connection.query_string = target.substr(std::min(query + 1, target.size()));
  connection.user = std::move(as);
  auto result = std::make_shared<session>(*state_);
  if (auto found = state_->routes.find(connection.path)) {
    connection.parameters = std::move(found->parameters);
    result->start(std::move(connection), (*found->endpoint)());
    run_until([&] { return result->is_accepted || result->refused_with != 0; });
  } else {
    result->refused_with = 404;
  }
  return {*this, std::move(result)};
}

const runtime& test_server::runtime() const noexcept { return state_->own->driver().runtime(); }

std::size_t test_server::memberships() const noexcept { return state_->channels.memberships(); }

void test_server::run_until(const std::function<bool()>& condition) {
  while (!condition()) {
    if (!state_->work() && !state_->advance()) {
      throw std::logic_error("nothing is left to do, and what was waited for did not happen");
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

void test_session::send_binary(std::string_view frame) {
  session_->receive(frame, false);
  server_->settle();
}

json test_session::receive() { return json::parse(receive_text()); }

std::string test_session::receive_text() {
  server_->run_until([this] { return !session_->frames.empty(); });
  auto result = std::move(session_->frames.front());
  session_->frames.pop_front();
  return result;
}

bool test_session::is_silent() {
  server_->settle();
  return session_->frames.empty();
}

std::optional<std::uint16_t> test_session::close_code() const noexcept {
  return session_->close_code;
}

void test_session::disconnect() {
  session_->disconnect();
  server_->run_until([this] { return session_->is_finished(); });
}

} // namespace dcrf
