#pragma once

#include "dcrf/json/json_text.hpp"
#include "dcrf/model/key.hpp"
#include "dcrf/model/value.hpp"
#include "dcrf/store/feed_position.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// The text of an event, held once by all who are told of it: a reply up to its request id, with
/// the body in it; or the body alone, where that is all that is sent.
class event_text {
public:
  explicit event_text(json_text body) : text_(std::move(body).str()), size_(text_.size()) {}

  /// @param text a reply up to its request id, which has the body at `first`
  event_text(std::string text, std::size_t first, std::size_t size)
      : text_(std::move(text)), first_(first), size_(size) {}

  /// @param action a JSON value
  [[nodiscard]] static event_text reply(const json_text& body, std::string_view action,
                                        std::int64_t status = 200);

  [[nodiscard]] const std::string& str() const noexcept { return text_; }
  /// Where in the text the body is.
  [[nodiscard]] std::size_t first() const noexcept { return first_; }
  [[nodiscard]] std::string_view body() const noexcept {
    return std::string_view{text_}.substr(first_, size_);
  }

private:
  std::string text_;
  std::size_t first_ = 0;
  std::size_t size_;
};

using event_text_ptr = std::shared_ptr<const event_text>;

/// What live subscriptions are told of one change: shared by the messages to all groups of an
/// observer, by which they know that these are about the same. A subscription in several groups
/// is told by the kind that their union gives.
struct live_event {
  /// That of the commit.
  feed_position_ptr position{};
  /// The primary key that the row had before, if it changed.
  std::optional<value> key_before{};
  event_text_ptr create{};
  event_text_ptr update{};
  /// The body is the key, under which the row was known.
  event_text_ptr remove{};
};

/// A message to all members of a group. It is made once and shared by all who get it.
struct group_message {
  group_name target;
  change_kind kind = change_kind::create;
  /// The primary key of the row that changed; null in a free group and for signals.
  value key{};
  /// The row as it was after the change, or before it was deleted, for observers that want it.
  record values{};
  /// What the observer made, as a reply up to its request id; or what was sent to a free group.
  event_text_ptr text{};
  /// For live subscriptions; null while there are none, and where no feed is kept.
  std::shared_ptr<const live_event> live{};
  /// Grows with each change of the row; 0 where there is no row.
  std::uint64_t version = 0;
  /// Whether this is no message to the group, but says that some may have been lost: a link to
  /// another node was down.
  bool is_loss = false;

  /// The body that the observer made, or what was sent to a free group.
  [[nodiscard]] json_text body() const {
    return text ? json_text::trusted(std::string{text->body()}) : json_text{};
  }
};

using group_message_ptr = std::shared_ptr<const group_message>;

/// Messages that were committed together, or a part of many.
struct group_batch {
  std::vector<group_message_ptr> messages{};
  /// That of the commit, if these are its last messages; else null.
  feed_position_ptr position{};
};

using group_batch_ptr = std::shared_ptr<const group_batch>;

/// Says that all messages of what was committed up to a position have come, for those live
/// subscriptions that have not been told of anything for long.
struct position_tick {
  feed_position_ptr position{};
  /// It is for subscriptions that have been told of nothing after this one.
  std::uint64_t older_than = 0;
};

/// How much memory a message takes where it waits.
[[nodiscard]] std::size_t size_of(const group_message& x) noexcept;

} // namespace dcrf

template <>
struct std::hash<dcrf::group_name> {
  std::size_t operator()(const dcrf::group_name& x) const noexcept {
    return std::hash<std::string>{}(x.key) ^ (std::hash<const void*>{}(x.observer) * 31);
  }
};
