#pragma once

#include "dcrf/actors/groups/group_links.hpp"
#include "dcrf/groups/channel_layer.hpp"
#include "dcrf/groups/presence_table.hpp"

#include <caf/actor.hpp>

#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace dcrf {

struct messages_lost;

/// Whether it is the group of an observer of rows, and not a free one or that of a signal.
[[nodiscard]] bool is_of_rows(const group_name& x) noexcept;

/// The channel layer of a node: which of its I/O threads, and which other nodes, have members in
/// which group. A publisher sends one message to each of them, and is never held up by the number
/// of members.
class group_directory final : public channel_layer {
public:
  /// Adds an I/O thread, by its group actor.
  /// @returns the number that `enter` and `withdraw` take.
  std::size_t add(caf::actor groups);

  /// How many bytes of messages wait for a thread at most; those beyond it are left out, and their
  /// groups told so. Far more than waits for a thread that works: it is a bound for one that hangs.
  static constexpr std::size_t most_waiting = std::size_t{64} * 1024 * 1024;

  /// Messages of so many bytes wait for the thread no more. From that thread.
  void taken(std::size_t thread, std::size_t bytes) noexcept;
  /// The groups of which messages were left out since the last call. From that thread.
  [[nodiscard]] std::vector<group_name> take_left_out(std::size_t thread);

  /// Lets go of all group actors: nothing is published any more.
  void clear();

  /// The thread has its first member in the group, or has lost its last one.
  void enter(const group_name& x, std::size_t thread);
  void withdraw(const group_name& x, std::size_t thread);

  // -- other nodes --------------------------------------------------------------------------------

  /// The links to other nodes; null where there are none. Set before anybody joins a group, and
  /// taken back when nobody joins any more: nothing is forwarded from then on.
  void links(group_links* x);
  [[nodiscard]] group_links* links() const noexcept { return links_; }

  /// Another node has its first member in the group, or has lost its last one.
  void enter_node(const group_name& x, std::size_t node);
  void withdraw_node(const group_name& x, std::size_t node);

  /// Sends a message that came from another node to the members here, and to nobody else.
  void publish_here(const group_message_ptr& message);

  /// Has all members here told that messages of their groups may have been lost.
  void publish_loss(const messages_lost& x);

  /// Has all subscribers to changes of rows, here and at other nodes, told that some may have been
  /// lost, since this node could not find them in time.
  void publish_gap(const std::string& node, const void* subject = nullptr);

  // -- implementation of channel_layer ------------------------------------------------------------

  std::vector<const observer_descriptor*> observers_of(const void* subject) const override;
  bool has_members(const group_name& x) const override;
  void publish(group_message_ptr message) override;
  void publish(std::vector<group_message_ptr> messages, const feed_position_ptr& position) override;
  void publish(const position_tick& x) override;
  presence_table& presences() override { return presences_; }

private:
  struct observed_by {
    const observer_descriptor* observer;
    // The number of its groups that have members.
    std::size_t groups;
  };

  // Who has members in one group.
  struct places {
    std::vector<std::size_t> threads;
    std::vector<std::size_t> nodes;

    [[nodiscard]] bool empty() const noexcept { return threads.empty() && nodes.empty(); }
  };

  void add(const group_name& x, std::vector<std::size_t> places::* kind, std::size_t number);
  void remove(const group_name& x, std::vector<std::size_t> places::* kind, std::size_t number);
  void count(const observer_descriptor* observer, bool is_new);
  // The group actor of an I/O thread, and what waits for it.
  struct destination {
    explicit destination(caf::actor x) : groups(std::move(x)) {}

    caf::actor groups;
    std::atomic<std::size_t> waiting{0};
    std::mutex mutex;
    std::set<group_name> left_out;
  };

  void send_to_threads(const places& to, const group_message_ptr& message);
  void send(std::size_t thread, std::vector<group_message_ptr> messages,
            const feed_position_ptr& position);
  static bool leave_out(destination& to, std::span<const group_message_ptr> messages,
                        std::size_t bytes);

  mutable std::shared_mutex mutex_;
  std::deque<destination> threads_;
  // Written under the lock; read without it by who only asks whether there are any.
  std::atomic<group_links*> links_ = nullptr;
  presence_table presences_{[this](const group_message_ptr& x) { publish_here(x); }};
  std::unordered_map<group_name, places> members_;
  std::unordered_map<const void*, std::vector<observed_by>> observers_;
};

} // namespace dcrf
