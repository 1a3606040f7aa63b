#pragma once

#include <cstddef>
#include <utility>

namespace dcrf {

/// What one session may make the server hold. Each default says why it is what it is.
struct session_bounds {
  /// Bytes of all that a session makes the server hold but what waits to be sent and requests that
  /// wait: subscriptions, runs in the background with their arguments, queued events, with what an
  /// entry costs besides its text. Events beyond it close with 1013; requests that would hold more
  /// are answered 429 an eighth before, so that events keep some room. Room for twenty thousand
  /// subscriptions to rows, and bounds the memory of 1,000 hostile clients to 4 GiB.
  std::size_t size = 4 * 1024 * 1024;

  /// Groups that a session is a member of: rooms, rows, free groups. Beyond it 429. Forty pages of
  /// a hundred rows, and as many as are left in some milliseconds when the session ends.
  std::size_t groups = 4096;

  /// Detached actions and background work that run at once. Beyond it 429. More than a page has
  /// widgets, and few enough to be ended together.
  std::size_t background_runs = 256;

  /// Bytes of requests that wait for their turn, above which reading pauses; TCP makes the client
  /// wait then. One message more may have been read, whatever its size.
  std::size_t waiting_requests = 256 * 1024;
};

/// How many request ids one turn of the thread sends an event to.
constexpr std::size_t request_ids_per_turn = 64;

/// What things cost that a session makes the server hold, besides their text, in bytes: their nodes
/// in lists and tables, as measured with glibc's malloc.
namespace holding_cost {
constexpr std::size_t queued = 96;
constexpr std::size_t group = 600;
constexpr std::size_t request_id = 128;
constexpr std::size_t live = 320;
constexpr std::size_t run = 1024;
} // namespace holding_cost

/// The account of one session: all that it makes the server hold, whichever of its consumers does.
/// Used on the session's thread.
class session_budget {
public:
  /// A run in the background, as long as it exists.
  class background_run {
  public:
    background_run() noexcept = default;
    background_run(background_run&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}
    background_run& operator=(background_run&& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~background_run();

  private:
    friend class session_budget;
    background_run(session_budget& budget, std::size_t bytes) noexcept
        : budget_(&budget), bytes_(bytes) {}

    session_budget* budget_ = nullptr;
    std::size_t bytes_ = 0;
  };

  explicit session_budget(session_bounds bounds = {}) noexcept : bounds_(bounds) {}
  session_budget(const session_budget&) = delete;
  session_budget& operator=(const session_budget&) = delete;

  // -- what waits for its turn --------------------------------------------------------------------

  void add_request(std::size_t bytes) noexcept { requests_ += bytes; }
  void remove_request(std::size_t bytes) noexcept { requests_ -= bytes; }
  void add_event(std::size_t bytes) noexcept { events_ += bytes; }
  void remove_event(std::size_t bytes) noexcept { events_ -= bytes; }

  /// Whether so many requests wait that no more should be read.
  [[nodiscard]] bool has_many_requests() const noexcept {
    return requests_ > bounds_.waiting_requests;
  }
  /// Whether so few wait that more may be read again.
  [[nodiscard]] bool has_few_requests() const noexcept {
    return requests_ <= bounds_.waiting_requests / 2;
  }
  /// Whether so many events wait that subscriptions which can catch up later should.
  [[nodiscard]] bool has_many_events() const noexcept { return events_ > bounds_.size / 4; }
  /// Whether events make the session hold more than it may.
  [[nodiscard]] bool is_exceeded() const noexcept { return events_ + kept_ > bounds_.size; }

  // -- what a client keeps until it gives it back -------------------------------------------------

  /// @param groups how many groups the session becomes a member of by it
  /// @throws limit_exceeded if there is no room; nothing is kept then
  void keep(std::size_t bytes, std::size_t groups = 0);
  void release(std::size_t bytes, std::size_t groups = 0) noexcept;

  /// @param bytes of the arguments
  /// @throws limit_exceeded if there are too many, or there is no room
  [[nodiscard]] background_run begin_run(std::size_t bytes);

  /// Whether arguments of so many bytes may be under way at once.
  [[nodiscard]] bool may_hold_together(std::size_t bytes) const noexcept {
    return bytes <= bounds_.waiting_requests;
  }

  [[nodiscard]] std::size_t kept() const noexcept { return kept_; }
  [[nodiscard]] std::size_t queued() const noexcept { return requests_ + events_; }

private:
  void check_room(std::size_t bytes) const;

  session_bounds bounds_;
  std::size_t requests_ = 0;
  std::size_t events_ = 0;
  std::size_t kept_ = 0;
  std::size_t groups_ = 0;
  std::size_t background_runs_ = 0;
};

} // namespace dcrf
