#pragma once

#include "dcrf/groups/group.hpp"
#include "dcrf/json/json_text.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace dcrf {

/// Who is present on this node, and on those that it is linked to. Safe to use from any thread.
class presence_table {
public:
  struct entry {
    std::string key;
    std::string who;
  };

  struct entered {
    std::uint64_t number;
    /// Whether nobody else was present as the same before.
    bool is_first;
  };

  /// Gives messages to the members of their groups on this node only.
  using publish_function = std::function<void(group_message_ptr)>;
  /// Tells of an entry on this node that came, or went if it is null; in that order. Must not call
  /// back.
  using tell_function = std::function<void(std::uint64_t number, const entry* came)>;

  explicit presence_table(publish_function publish) : publish_(std::move(publish)) {}

  /// @param who JSON
  entered enter(std::string key, std::string who);
  void leave(std::uint64_t number);

  [[nodiscard]] std::vector<json_text> list(const std::string& key) const;

  /// Tells of each key under which somebody came or went, on whatever node; null for nobody. Must
  /// not call back.
  void watch(std::function<void(const std::string& key)> x);

  /// The name of the free group that learns who comes and goes.
  [[nodiscard]] static std::string group_of(const std::string& key) { return "presence " + key; }

  // -- other nodes --------------------------------------------------------------------------------

  void tell(tell_function x);
  [[nodiscard]] std::map<std::uint64_t, entry> entries_here() const;

  void came(std::size_t node, std::uint64_t number, entry x);
  void went(std::size_t node, std::uint64_t number);
  /// All that are present on a node have gone.
  void forget(std::size_t node);

private:
  // Of one key: who, and how many times.
  using people = std::vector<std::pair<std::string, std::size_t>>;

  bool add(const entry& x);
  void remove(const entry& x);
  void publish(const entry& x, const char* event);

  mutable std::mutex mutex_;
  publish_function publish_;
  tell_function tell_;
  std::function<void(const std::string& key)> changed_;
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, entry> here_;
  std::unordered_map<std::size_t, std::unordered_map<std::uint64_t, entry>> elsewhere_;
  std::unordered_map<std::string, people> present_;
};

} // namespace dcrf
