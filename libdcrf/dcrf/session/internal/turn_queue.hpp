#pragma once

#include "dcrf/session/internal/mailbox.hpp"
#include "dcrf/session/internal/request_dispatch.hpp"
#include "dcrf/session/internal/runs.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace dcrf {

/// What waits for its turn with one consumer, and what of it may start: one thing after the other,
/// in the order in which they came, except that writes may be committed together.
class turn_queue {
public:
  /// What is to be done next.
  enum class turn : std::uint8_t {
    /// Nothing waits, or what is next has to wait for what runs.
    none,
    /// A frame has to be parsed: `take_frame`, then `hold`.
    frame,
    request,
    event,
    /// Something that tells how far events have come: `take_mark`.
    mark,
  };

  /// @param pipelines whether a write may start before the one before it is committed
  turn_queue(session_budget& budget, bool pipelines)
      : budget_(&budget), pipelines_(pipelines), waiting_(budget) {}

  [[nodiscard]] bool is_empty() const noexcept { return !held_ && waiting_.empty(); }

  void push(mailbox::message x) { waiting_.push(std::move(x)); }

  [[nodiscard]] turn next(const runs& running) const;

  /// @pre what is taken is next, as for the others
  [[nodiscard]] received_frame take_frame() { return std::get<received_frame>(waiting_.pop()); }
  [[nodiscard]] parsed_request take_request();
  [[nodiscard]] group_message_ptr take_event() {
    return std::get<group_message_ptr>(waiting_.pop());
  }

  [[nodiscard]] mailbox::message take_mark() { return waiting_.pop(); }

  /// Puts a request before all that waits.
  /// @pre nothing is held
  void hold(parsed_request x) { held_ = std::move(x); }

  void drop_events() { waiting_.drop_events(); }
  void drop_messages(const std::function<bool(const group_message&)>& condition) {
    waiting_.drop_messages(condition);
  }
  void clear();

private:
  [[nodiscard]] bool may_start(const parsed_request& x, const runs& running) const;

  session_budget* budget_;
  bool pipelines_;
  mailbox waiting_;
  // The next request, which waits for all before it to end.
  std::optional<parsed_request> held_;
};

} // namespace dcrf
