#pragma once

#include "dcrf/groups/channel_layer.hpp"
#include "dcrf/groups/live_list.hpp"
#include "dcrf/groups/replay.hpp"
#include "dcrf/store/command.hpp"

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcrf {

class frame_reader;
class session_budget;
class shared_reads;
class throttle_history;
class context_call;

/// Names one pending answer of a context.
using ticket = std::uint64_t;

/// What the commands of an action came to, for a reply that says so.
struct command_notes {
  /// Whether its reads are to say what they have seen.
  bool wants_cut = false;
  /// What the first of them has seen.
  feed_position_ptr cut{};
  /// Whether it has written, and some event will tell of that.
  bool has_written = false;
  bool has_changed = false;
};

/// What a coroutine was started for: an action, a hook or background work. Kept by whoever drives
/// it.
struct activity {
  /// The transaction it has open; 0 if none.
  std::uint64_t transaction = 0;
  /// How many transactions are open within each other; those inside are savepoints.
  unsigned depth = 0;
  /// Null if nobody asks; outlives the activity.
  command_notes* notes = nullptr;
};

/// The seam between consumers and what they run in: a session actor in a server, a test session in
/// a test. Everything is called on the session's thread, and every answer arrives there, through
/// `finish`.
class context {
public:
  context() : root_(this) {}
  context(const context&) = delete;
  context& operator=(const context&) = delete;
  virtual ~context();

  /// Has the store execute a command.
  virtual void submit(command x, ticket answer) = 0;

  /// Answers after `duration`.
  virtual void sleep(std::chrono::milliseconds duration, ticket answer) = 0;

  /// Runs `work` on a thread where it may block or compute for long, and answers when it is done,
  /// or with `unavailable` if too much waits for such a thread.
  /// @pre `work` does not throw, and uses nothing of the session.
  virtual void offload(std::function<void()> work, ticket answer) = 0;

  /// Nobody waits for this answer any more: what was to make it need not be done.
  virtual void forget(ticket answer) = 0;

  /// The groups of all sessions.
  [[nodiscard]] virtual channel_layer& channels() = 0;

  /// Ends an open transaction whose activity is gone.
  virtual void abandon(std::uint64_t transaction) = 0;

  /// Reports a failure that no client is told of in full.
  virtual void log_failure(std::string_view where, const std::exception_ptr& error) = 0;

  /// Parses the frames of the thread.
  virtual frame_reader& reader() = 0;

  /// What the sessions of the thread read together; null if each reads for itself.
  [[nodiscard]] virtual shared_reads* reads_in_common() { return nullptr; }

  /// Gives the answer `answer` was waiting for, and resumes who waits; nobody may wait any more.
  /// @pre this context has no other one behind it
  void finish(ticket answer, store_result result);

  /// The activity whose coroutine runs now. What it awaits resumes as the same activity.
  [[nodiscard]] activity* current() const noexcept { return current_; }
  void current(activity* x) noexcept { current_ = x; }

  /// Called after a coroutine was resumed, outside of it, with its activity; null if it has none.
  void on_resumed(std::function<void(const activity*)> callback) {
    on_resumed_ = std::move(callback);
  }

protected:
  /// A context that asks another one on its behalf: the tickets of both are that one's.
  /// @param root outlives this one
  explicit context(context* root) : root_(root) {}

private:
  friend class context_call;

  context* root_;
  struct open_call {
    ticket answer;
    context_call* call;
  };

  // Takes a call out; null if nobody waits for its answer.
  context_call* take_call(ticket answer);

  // In the order of their tickets: few at a time, as runs are, and the newest comes last.
  std::vector<open_call> calls_;
  ticket last_ticket_ = 0;
  activity* current_ = nullptr;
  std::function<void(const activity*)> on_resumed_;
};

/// The context of a session: what it may ask of its connection and its groups, besides.
class session_context : public context {
public:
  session_context() = default;

  /// Answers the handshake: the connection is open from now on.
  virtual void accept() = 0;
  /// Answers the handshake with an HTTP error; the connection ends.
  virtual void refuse(unsigned status) = 0;

  /// Sends one text frame.
  virtual void send(std::string frame) = 0;
  /// Sends one text frame whose first part is shared by many.
  virtual void send(std::shared_ptr<const std::string> head, std::string_view tail) = 0;

  /// Sends one binary frame.
  virtual void send_bytes(std::string bytes) = 0;

  /// Closes the connection, after what was sent before.
  virtual void close(std::uint16_t code) = 0;

  /// What the session makes the server hold.
  [[nodiscard]] virtual session_budget& budget() = 0;

  /// Has `accept` answer with one of the subprotocols that the client offers.
  virtual void choose_subprotocol(std::string name) = 0;

  /// When requests were made on any connection, and what time it is.
  [[nodiscard]] virtual throttle_history& throttling() = 0;
  [[nodiscard]] virtual std::chrono::steady_clock::time_point now() const = 0;

  /// Makes `member`, which is of this session, a member of a group; answers when it is one
  /// everywhere.
  virtual void join(const group_name& x, group_member& member, ticket answer) = 0;
  /// Ends the membership at once.
  virtual void leave(const group_name& x, group_member& member) = 0;

  /// The version of the last change that is known to be committed.
  [[nodiscard]] virtual std::uint64_t version() = 0;

  /// The newest position of the feed: what had committed before it is not told to a member that
  /// joins now, and all that commits later is. Null if no feed is kept.
  [[nodiscard]] virtual feed_position_ptr position() { return nullptr; }

  /// Has the feed read, and answers when `to` has what was found.
  /// @pre there is a feed
  virtual void follow(replay_question x, std::shared_ptr<replay_ptr> to, ticket answer) {
    static_cast<void>(x), static_cast<void>(to);
    finish(answer, {});
  }

  /// Has a list watched for a member of its group, and answers when `to` has it as it is; null if
  /// the database can't be asked from here.
  virtual void watch_list(list_question x, std::shared_ptr<list_state_ptr> to, ticket answer) {
    static_cast<void>(x), static_cast<void>(to);
    finish(answer, {});
  }

  /// From now on the member, which is of this session, learns which positions were reached.
  virtual void watch_positions(group_member& member) { static_cast<void>(member); }

  /// Whether so much is still to be sent to the client that nothing should begin which sends more.
  [[nodiscard]] virtual bool is_congested() = 0;
  /// Answers when the client has taken most of it, or is gone. Asked only while it is so.
  virtual void drain(ticket answer) = 0;

  /// Whether a write may start before the one before it is answered, where nobody can tell the
  /// difference.
  [[nodiscard]] virtual bool is_pipelining() const { return true; }

  /// Whether `log_request` is to be called for each request of the client.
  [[nodiscard]] virtual bool logs_requests() const { return false; }
  /// A request was answered.
  /// @param line who asked whom for what, what came of it, and how long it took
  virtual void log_request(std::string_view line) { static_cast<void>(line); }

  /// What waits for its turn has changed: `budget` says how much it is.
  virtual void queued() = 0;

  /// Everything of the session has ended. Called by the driver, which must outlive the call.
  virtual void finished() = 0;

protected:
  explicit session_context(session_context* root) : context(root) {}
};

/// An awaitable for one answer of a context. Its destruction, with the coroutine that awaits it,
/// lets the answer go nowhere.
class context_call {
public:
  context_call(const context_call&) = delete;
  context_call& operator=(const context_call&) = delete;
  virtual ~context_call();

  bool await_ready() const noexcept { return false; }

  bool await_suspend(std::coroutine_handle<> awaiting);

protected:
  explicit context_call(context& where) : context_(&where) {}

  [[nodiscard]] context& where() const noexcept { return *context_; }

  /// The answer.
  /// @throws store_failure if it is an error
  store_result take();

  /// The answer, even if it is an error.
  [[nodiscard]] store_result take_any() noexcept { return std::move(result_); }

  /// Answers what does not want more than to go on.
  void wake() { answer_at_once({}); }

  /// Answers what need not be asked.
  void answer_at_once(store_result x) { context_->root_->finish(ticket_, std::move(x)); }

private:
  friend class context;

  virtual void ask(ticket answer) = 0;

  context* context_;
  activity* activity_ = nullptr;
  std::coroutine_handle<> awaiting_;
  ticket ticket_ = 0;
  bool is_suspended_ = false;
  bool is_answered_ = false;
  store_result result_;
};

/// Awaits the store's answer to a command, which belongs to the open transaction of the action.
class store_call : public context_call {
public:
  store_call(context& where, command x) : context_call(where), command_(std::move(x)) {}

  store_result await_resume() { return noted(take()); }

protected:
  /// Notes in its activity what the command came to.
  store_result noted(store_result result);

private:
  void ask(ticket answer) override;
  void note_question();

  command command_;
  command_notes* notes_ = nullptr;
  // Whether a change that the answer tells of is committed.
  bool counts_ = false;
};

/// The same, where an error is an answer like others: a row that may not be there.
class store_question : public store_call {
public:
  using store_call::store_call;

  store_result await_resume() { return noted(take_any()); }
};

class [[nodiscard("dcrf: write co_await before it")]] sleep_call;

/// Awaits the passing of time.
class sleep_call : public context_call {
public:
  sleep_call(context& where, std::chrono::milliseconds duration)
      : context_call(where), duration_(duration) {}

  void await_resume() { take(); }

private:
  void ask(ticket answer) override { where().sleep(duration_, answer); }

  std::chrono::milliseconds duration_;
};

/// Awaits becoming a member of a group.
class join_call : public context_call {
public:
  join_call(session_context& where, group_name x, group_member& member)
      : context_call(where), session_(&where), group_(std::move(x)), member_(&member) {}

  void await_resume() { take(); }

private:
  void ask(ticket answer) override { session_->join(group_, *member_, answer); }

  session_context* session_;
  group_name group_;
  group_member* member_;
};

/// Awaits that the client has taken most of what was sent to it.
class drain_call : public context_call {
public:
  explicit drain_call(session_context& where) : context_call(where), session_(&where) {}

  void await_resume() { take(); }

private:
  void ask(ticket answer) override { session_->drain(answer); }

  session_context* session_;
};

/// Awaits what a live subscription has missed.
class follow_call : public context_call {
public:
  follow_call(session_context& where, replay_question x)
      : context_call(where), session_(&where), question_(std::move(x)) {}

  /// Null if the feed could not be asked.
  replay_ptr await_resume() {
    take();
    return *result_;
  }

private:
  void ask(ticket answer) override { session_->follow(std::move(question_), result_, answer); }

  session_context* session_;
  replay_question question_;
  std::shared_ptr<replay_ptr> result_ = std::make_shared<replay_ptr>();
};

/// Awaits a list that is watched from now on.
class list_call : public context_call {
public:
  list_call(session_context& where, list_question x)
      : context_call(where), session_(&where), question_(std::move(x)) {}

  /// Null if the database can't be asked.
  list_state_ptr await_resume() {
    take();
    return *result_;
  }

private:
  void ask(ticket answer) override { session_->watch_list(std::move(question_), result_, answer); }

  session_context* session_;
  list_question question_;
  std::shared_ptr<list_state_ptr> result_ = std::make_shared<list_state_ptr>();
};

template <class Function>
class [[nodiscard("dcrf: write co_await before it")]] offload_call;

/// Awaits work done on another thread, and its result.
template <class Function>
class offload_call : public context_call {
public:
  using result_type = std::invoke_result_t<Function>;

  offload_call(context& where, Function work)
      : context_call(where), state_(std::make_shared<state>(std::move(work))) {}

  result_type await_resume() {
    take();
    if (state_->error) {
      std::rethrow_exception(state_->error);
    }
    if constexpr (!std::is_void_v<result_type>) {
      return std::move(*state_->result);
    }
  }

private:
  // Shared with the other thread, which may outlive the action.
  struct state {
    explicit state(Function x) : work(std::move(x)) {}

    void run() noexcept {
      try {
        if constexpr (std::is_void_v<result_type>) {
          work();
        } else {
          result.emplace(work());
        }
      } catch (...) {
        error = std::current_exception();
      }
    }

    Function work;
    std::optional<std::conditional_t<std::is_void_v<result_type>, char, result_type>> result;
    std::exception_ptr error;
  };

  void ask(ticket answer) override {
    where().offload([state = state_] { state->run(); }, answer);
  }

  std::shared_ptr<state> state_;
};

} // namespace dcrf
