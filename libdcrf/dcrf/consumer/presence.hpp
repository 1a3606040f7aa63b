#pragma once

#include "dcrf/groups/channel_layer.hpp"
#include "dcrf/groups/group.hpp"
#include "dcrf/groups/presence_table.hpp"
#include "dcrf/json/json_text.hpp"
#include "dcrf/runtime/runtime.hpp"

#include <string>
#include <utility>
#include <vector>

namespace dcrf {

/// Being present under a key, until this is destroyed: with the consumer that holds it, say.
class presence_entry {
public:
  presence_entry() = default;
  presence_entry(presence_table& table, presence_table::entered x)
      : table_(&table), number_(x.number), is_first_(x.is_first) {}
  presence_entry(presence_entry&& other) noexcept { *this = std::move(other); }
  presence_entry& operator=(presence_entry&& other) noexcept {
    leave();
    table_ = std::exchange(other.table_, nullptr);
    number_ = other.number_;
    is_first_ = other.is_first_;
    return *this;
  }
  ~presence_entry() { leave(); }

  /// Whether nobody else was present as the same before.
  [[nodiscard]] bool is_first() const noexcept { return is_first_; }

  void leave() {
    if (table_ != nullptr) {
      std::exchange(table_, nullptr)->leave(number_);
    }
  }

private:
  presence_table* table_ = nullptr;
  std::uint64_t number_ = 0;
  bool is_first_ = false;
};

/// Who is present under a key, on all nodes: in a room, say. Who is present is JSON of the
/// application's; equal JSON is the same person, who may be present several times.
///
///     dcrf::presence room{runtime(), "room 7"};
///     co_await group_add(room.group());
///     here_ = room.enter(dcrf::json{{"id", 3}});
class presence {
public:
  presence(const runtime& where, std::string key)
      : presence(where.where().channels(), std::move(key)) {}
  presence(channel_layer& channels, std::string key)
      : table_(&channels.presences()), key_(std::move(key)) {}

  [[nodiscard]] presence_entry enter(json_text who) const {
    return {*table_, table_->enter(key_, std::move(who).str())};
  }

  /// Each once, in the order of their coming.
  [[nodiscard]] std::vector<json_text> list() const { return table_->list(key_); }

  /// The free group that learns who comes and goes, by messages
  /// `{"presence": KEY, "event": "join" or "leave", "who": …}`.
  [[nodiscard]] std::string group() const { return presence_table::group_of(key_); }

private:
  presence_table* table_;
  std::string key_;
};

} // namespace dcrf
