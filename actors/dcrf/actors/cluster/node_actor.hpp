#pragma once

#include "dcrf/actors/cluster/dialer.hpp"
#include "dcrf/actors/cluster/envelope.hpp"
#include "dcrf/actors/cluster/interests.hpp"
#include "dcrf/actors/cluster/options.hpp"
#include "dcrf/actors/cluster/peer_table.hpp"
#include "dcrf/actors/cluster/remote_repositories.hpp"
#include "dcrf/actors/group_directory.hpp"
#include "dcrf/actors/io_thread.hpp"
#include "dcrf/actors/pinned.hpp"
#include "dcrf/actors/repository_source.hpp"

#include <caf/actor_addr.hpp>
#include <caf/node_id.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace dcrf::cluster {

/// Who a node is, as it tells others.
struct identity {
  std::string cluster;
  std::string name;
  std::string address;
  /// Grows with each start of a node of that name.
  std::uint64_t incarnation = 0;
  std::uint64_t fingerprint = 0;
  /// Names the database of the node; empty if it has none. Versions of changes can be compared
  /// where it is the same.
  std::string store;
};

/// What the actor of a node works with; all of it outlives the actor.
struct node_parts {
  io_thread& thread;
  group_directory& directory;
  peer_table& peers;
  const schema& models;
  /// The database of this node; null if it uses that of another one.
  repository_source* local;
  /// The repositories of another node; null if this one has its own.
  remote_repositories* remote;
  const cluster_options& options;
  /// Called after each change of membership.
  std::function<void()> changed;
};

/// The actor that a node is for others: it keeps the links to them, and handles what they say.
/// Lives on a thread of its own.
///
/// A link begins with `hello` and `welcome`, by which both sides learn who the other is, and refuse
/// it if its protocol or cluster is another one. Then each tells which groups have members on it,
/// and which nodes it is linked to, so that the mesh completes itself.
class node_actor final : public pinned_actor {
public:
  node_actor(caf::actor_config& config, pinning_unit& unit, node_parts parts);

  /// Starts to join others. On the thread, once, as everything below.
  void open(identity self);

  void hold(const group_name& x, std::function<void()> ready);
  void release(const group_name& x);

  /// Tells the others who came here, or went.
  void tell_presence(std::uint64_t number, const std::optional<presence_table::entry>& came);

  void ask(std::uint64_t id, const command& x);
  void abandon_there(std::uint64_t transaction);

  /// Tells the others that this node stops.
  void leave();

  /// Whether each address to join through was tried, and the database is there.
  [[nodiscard]] bool is_settled() const;
  [[nodiscard]] bool has_repositories() const;

  // -- implementation of caf::event_based_actor ---------------------------------------------------

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "dcrf.node"; }

private:
  // Another node: known by its actor only, until it has said who it is.
  struct link {
    caf::actor handle;
    bool is_linked = false;
    // What was dialled to get there, to be told how that went; empty if the other side has dialled.
    host_and_port dialled{};
    dialer::done_function done{};
    identity who{};
    std::size_t number = 0;
    // Its groups.
    std::unordered_set<group_name> interests{};
    // Its transactions that are open here, and how many within each.
    std::unordered_map<std::uint64_t, unsigned> transactions{};
    timer_handle greeting{};
  };

  void dial(const host_and_port& to, dialer::done_function done);
  void reached(const host_and_port& to, const caf::strong_actor_ptr& who,
               dialer::done_function done);
  link& add_link(const caf::actor& handle);

  void handle(const cluster_envelope& x);
  void handle(topic kind, byte_reader& in, link& from);
  void greeted(link& from, byte_reader& in, bool wants_welcome);
  [[nodiscard]] std::string objection_to(const identity& who) const;
  void refuse(link& from, const std::string& why);
  void establish(link& with);
  void lose(const caf::actor_addr& who, const std::string& why);
  void drop(std::unique_ptr<link> lost, const std::string& why);
  static void disconnect(caf::actor_system& system, const caf::node_id& node);

  void learn_members(byte_reader& in);
  void note_interest(link& from, byte_reader& in);
  void forget_interest(link& from, byte_reader& in);
  void tell_missed(const link& with);
  void take_event(link& from, byte_reader& in);
  void note_presence(const link& from, topic kind, byte_reader& in);
  void execute(link& from, byte_reader& in);
  void executed(const caf::actor_addr& asker, std::uint64_t id, unsigned kind,
                std::uint64_t transaction, const store_result& x);
  void roll_back(std::uint64_t transaction);
  void take_result(byte_reader& in);

  void greet(const link& to, topic kind);
  void send_to(const link& to, byte_writer x);
  void send_to_all(byte_writer x);
  [[nodiscard]] std::vector<std::size_t> linked_numbers() const;
  [[nodiscard]] link* linked_by_name(const std::string& name);
  [[nodiscard]] bool is_of_my_store(const link& x) const;
  [[nodiscard]] std::uint64_t version_here() const;

  node_parts parts_;
  identity self_;
  dialer dialer_;
  interests interests_;
  std::unordered_map<caf::actor_addr, std::unique_ptr<link>> links_;
  // Nodes that were linked once and are not now: their return may have a gap before it.
  std::unordered_set<std::string> lost_;
};

} // namespace dcrf::cluster
