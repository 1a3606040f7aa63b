#pragma once

#include "dcrf/actors/cluster/options.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>

namespace dcrf::cluster {

/// Keeps trying to reach addresses until they are linked: with delays that double from 0.25 s to
/// 5 s, and jitter, so that not all nodes of a cluster dial in the same moment. Lives on one
/// thread.
///
/// CAF connects in a thread of its own, but one address at a time and for as long as the kernel
/// takes; so an address is dialled by CAF only when it has taken a connection of this class.
class dialer {
public:
  /// What becomes of a call; called once, on the thread.
  using done_function = std::function<void(bool is_reached)>;
  using dial_function = std::function<void(const host_and_port&, done_function)>;

  /// @param dial connects to an address that answers
  /// @param failed is called after each call that failed
  dialer(io_thread& thread, dial_function dial, std::function<void()> failed);
  ~dialer();

  /// Dials an address after a while, unless it is dialled or linked already.
  void add(const host_and_port& address, std::chrono::milliseconds delay);

  /// The address is linked: it is not dialled until `add` is called again.
  void linked(const std::string& address);

  /// Tries all addresses again that were given up or are linked no more.
  void lost(const host_and_port& address);

  /// Whether every address was tried, and none is being dialled for the first time.
  [[nodiscard]] bool has_tried_all() const;

  void stop();

private:
  struct probe;
  struct target {
    host_and_port address;
    unsigned attempts = 0;
    bool is_dialling = false;
    bool is_linked = false;
    std::shared_ptr<probe> probing{};
    timer_handle timer{};
  };

  void dial(const std::string& name);
  void answered(const std::string& name, bool has_answered);
  void failed(target& x);
  std::chrono::milliseconds next_delay(unsigned attempts);

  io_thread* thread_;
  dial_function dial_;
  std::function<void()> on_failed_;
  std::unordered_map<std::string, target> targets_;
  std::minstd_rand random_{std::random_device{}()};
};

} // namespace dcrf::cluster
