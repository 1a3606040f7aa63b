#pragma once

#include "dcrf/consumer/channel_layer.hpp"

#include <caf/actor.hpp>

#include <cstddef>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

namespace dcrf {

/// The channel layer of a node: which I/O threads have members in which group. A publisher sends
/// one message to the group actor of each of them, and is never held up by the number of members.
class group_directory final : public channel_layer {
public:
  /// Adds an I/O thread, by its group actor.
  /// @returns the number that `enter` and `withdraw` take.
  std::size_t add(caf::actor groups);

  /// Lets go of all group actors: nothing is published any more.
  void clear();

  /// The thread has its first member in the group, or has lost its last one.
  void enter(const group_name& x, std::size_t thread);
  void withdraw(const group_name& x, std::size_t thread);

  // -- implementation of channel_layer ------------------------------------------------------------

  std::vector<const observer_descriptor*> observers_of(const void* subject) const override;
  bool has_members(const group_name& x) const override;
  void publish(group_message_ptr message) override;

private:
  struct observed_by {
    const observer_descriptor* observer;
    // The number of its groups that have members.
    std::size_t groups;
  };

  void count(const observer_descriptor* observer, bool is_new);

  mutable std::shared_mutex mutex_;
  std::vector<caf::actor> threads_;
  std::unordered_map<group_name, std::vector<std::size_t>> members_;
  std::unordered_map<const void*, std::vector<observed_by>> observers_;
};

} // namespace dcrf
