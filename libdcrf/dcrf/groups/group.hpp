#pragma once

#include "dcrf/json/json_text.hpp"
#include "dcrf/model/key.hpp"
#include "dcrf/model/value.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace dcrf {

struct observer_descriptor;

/// A named group that connections join: one of an observer, or a free one of the application. Two
/// observers never share a group, even of one key.
struct group_name {
  /// The observer whose group it is; null for a free one.
  const observer_descriptor* observer = nullptr;
  std::string key;

  friend bool operator==(const group_name&, const group_name&) = default;
  friend auto operator<=>(const group_name&, const group_name&) = default;
};

/// The free group of the connections of one user.
[[nodiscard]] std::string user_group(const key& user);

/// What happened to a row, as the members of a group see it: a row that enters a group was created
/// for it, one that leaves it was deleted.
enum class change_kind : std::uint8_t { create, update, remove };

/// "create", "update" or "delete".
[[nodiscard]] std::string_view to_string(change_kind kind) noexcept;

/// A message to all members of a group. It is made once and shared by all who get it.
struct group_message {
  group_name target;
  change_kind kind = change_kind::create;
  /// The primary key of the row that changed; null in a free group and for signals.
  value key{};
  /// The row as it was after the change, or before it was deleted, for observers that want it.
  record values{};
  /// The body that the observer made, or what was sent to a free group.
  json_text body{};
  /// The event as a reply, up to its request id: see envelope_head.
  std::string head{};
  /// Grows with each change of the row; 0 where there is no row.
  std::uint64_t version = 0;
  /// Whether this is no message to the group, but says that some may have been lost: a link to
  /// another node was down.
  bool is_loss = false;
};

using group_message_ptr = std::shared_ptr<const group_message>;

} // namespace dcrf

template <>
struct std::hash<dcrf::group_name> {
  std::size_t operator()(const dcrf::group_name& x) const noexcept {
    return std::hash<std::string>{}(x.key) ^ (std::hash<const void*>{}(x.observer) * 31);
  }
};
