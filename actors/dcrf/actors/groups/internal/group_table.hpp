#pragma once

#include "dcrf/groups/channel_layer.hpp"
#include "dcrf/runtime/shared_reads.hpp"

#include <boost/intrusive/list.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace dcrf {

class group_directory;
struct messages_lost;

/// Says to the members of a group that messages may have been lost, which a node would have sent.
/// @param node empty if it was this one
[[nodiscard]] group_message_ptr loss_message(const group_name& x, const std::string& node);

/// Which members of one I/O thread are in which group. Used on that thread only.
class group_table {
public:
  /// One membership; who joins keeps it where it stays, until it leaves.
  struct place {
    std::size_t index = 0;
  };

  /// @param directory outlives the table
  group_table(group_directory& directory, std::size_t thread)
      : directory_(&directory), thread_(thread) {}

  /// Messages published from now on reach the member.
  /// @param since the version of the store now: changes up to it were committed before
  void join(const group_name& x, group_member& member, place& where, std::uint64_t since);
  void leave(const group_name& x, place& where);

  // What comes from the directory, which learns that it waits no more.

  void receive(const group_message_ptr& message);
  /// Tells those who want to know when the commit has ended of which they were told.
  void receive(const group_batch& x);
  /// Tells the members of groups of which messages were left out.
  void receive_left_out();

  /// The member learns which positions were reached, as long as it is there.
  void watch_positions(group_member& x) {
    if (!x.detail::live_hook::is_linked()) {
      live_.push_back(x);
    }
  }
  void reach(const position_tick& x);

  /// Gives a message to all members of its group, in the order of their joining as far as nobody
  /// has left. Members may join and leave meanwhile.
  void broadcast(const group_message_ptr& message);

  /// Tells all members that messages of their groups may have been lost.
  void broadcast_loss(const messages_lost& x);

  /// What the members of a group read while a message is given to them.
  [[nodiscard]] shared_reads& reads() noexcept { return reads_; }

  /// The number of (group, member) pairs. From any thread.
  [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

private:
  struct entry {
    // Null if the member left while a message was being given out.
    group_member* member;
    place* where;
    std::uint64_t since;
  };

  struct members {
    std::vector<entry> entries;
    std::size_t gaps = 0;
    bool is_broadcasting = false;
  };

  void remove(members& from, std::size_t index);
  void close_gaps(members& from);
  void drop_if_empty(const group_name& x, const members& from);

  template <class Hook>
  using member_list = boost::intrusive::list<group_member, boost::intrusive::base_hook<Hook>,
                                             boost::intrusive::constant_time_size<false>>;

  group_directory* directory_;
  std::size_t thread_;
  member_list<detail::live_hook> live_;
  // Who are told when the commit at hand has ended.
  member_list<detail::commit_hook> in_commit_;
  std::atomic<std::size_t> size_{0};
  shared_reads reads_;
  std::unordered_map<group_name, members> groups_;
};

} // namespace dcrf
