#pragma once

#include "dcrf/runtime/context.hpp"
#include "dcrf/runtime/session_budget.hpp"
#include "dcrf/session/internal/mailbox.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace dcrf {

/// Frames that wait until the handshake is answered.
class early_frames {
public:
  /// @param budget outlives the frames, which are counted there as events are
  explicit early_frames(session_budget& budget) noexcept : budget_(&budget) {}
  early_frames(const early_frames&) = delete;
  early_frames& operator=(const early_frames&) = delete;
  ~early_frames() { take_all(); }

  void push(received_frame x) {
    budget_->add_event(cost_of(x));
    frames_.push_back(std::move(x));
  }

  /// The handshake is answered.
  void send_all(session_context& to) {
    for (auto& x : take_all()) {
      if (x.is_text) {
        to.send(std::move(x.payload));
      } else {
        to.send_bytes(std::move(x.payload));
      }
    }
  }

private:
  std::vector<received_frame> take_all() {
    for (const auto& x : frames_) {
      budget_->remove_event(cost_of(x));
    }
    return std::exchange(frames_, {});
  }

  static std::size_t cost_of(const received_frame& x) noexcept {
    return holding_cost::queued + x.payload.size();
  }

  session_budget* budget_;
  std::vector<received_frame> frames_;
};

} // namespace dcrf
