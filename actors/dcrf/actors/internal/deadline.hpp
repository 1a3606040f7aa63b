#pragma once

#include "dcrf/actors/internal/coalescing_stream.hpp"

#include <chrono>
#include <utility>

namespace dcrf::internal {

/// The one timer of a connection. Setting it again replaces what it was set to.
class deadline {
public:
  explicit deadline(net::io_context& context) : timer_(context) {}

  /// Calls `due` after `delay`. @pre `due` keeps this object alive.
  template <class Function>
  void set(std::chrono::nanoseconds delay, Function due) {
    timer_.expires_after(delay);
    timer_.async_wait([this, call = std::move(due)](error_code ec) {
      // A wait that was due already when the timer was set anew is called all the same.
      if (!ec && timer_.expiry() <= steady_timer::clock_type::now())
        call();
    });
  }

  void clear() { timer_.expires_at(steady_timer::time_point::max()); }

private:
  steady_timer timer_;
};

} // namespace dcrf::internal
