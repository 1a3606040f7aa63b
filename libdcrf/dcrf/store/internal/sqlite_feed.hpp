#pragma once

#include "dcrf/store/feed.hpp"
#include "dcrf/store/internal/connection.hpp"
#include "dcrf/store/schema.hpp"

#include <unordered_map>

namespace dcrf::internal {

/// The feed of an SQLite database: a table with a row for each transaction or commit group. Its
/// order is total, so a position names one row, and the random number that the row got: a restored
/// backup that has come to the same row again gave it another one.
class sqlite_feed final : public feed {
public:
  /// @param sql, models outlive the feed
  sqlite_feed(connection& sql, const schema& models, feed_options options);

  /// What a start without a feed does: positions from before it are expired for good.
  /// @pre a transaction is open for writing
  static void interrupt(connection& sql);

  void open() override;
  feed_position_ptr append(commands changes) override;
  [[nodiscard]] bool keeps(const model_descriptor& model) const noexcept override;
  feed_position_ptr cut() override;
  standing find(std::string_view position, std::span<const model_descriptor* const> models,
                feed_position& found) override;
  std::optional<page> read(const feed_position& since, const feed_position& until) override;
  bool prune(bool all) override;
  [[nodiscard]] bool is_time_to_tell() noexcept override;
  [[nodiscard]] extent size() override;

private:
  // A row, without its changes.
  struct entry {
    std::int64_t id = 0;
    std::int64_t number = 0;
    // In microseconds, of the clock; never less than that of the row before.
    std::int64_t time = 0;
    // The bytes of all rows up to this one, those that are gone included.
    std::int64_t total = 0;
  };

  struct layout {
    std::uint64_t id = 0;
    // The row after which the table was kept with these columns.
    std::int64_t since = 0;
  };

  [[nodiscard]] bool is_noted(const model_descriptor& model);
  void note_layout(const model_descriptor& model);
  [[nodiscard]] std::vector<const model_descriptor*> kept_models() const;
  [[nodiscard]] std::string layout_of(const model_descriptor& model) const;
  [[nodiscard]] const model_descriptor* find_model(std::string_view table) const;
  void read_layouts();
  [[nodiscard]] entry entry_at_end(bool newest);
  void insert(const std::string& bytes);
  [[nodiscard]] bool is_too_much(std::int64_t slack) const noexcept;
  bool forget_some(bool all);
  [[nodiscard]] static feed_position_ptr position_of(const entry& x);

  connection* sql_;
  const schema* models_;
  feed_options options_;
  std::unordered_map<const model_descriptor*, layout> layouts_;
  // Of this run: what others have added meanwhile is seen when something is forgotten.
  entry oldest_{};
  entry newest_{};
  // The newest one when it was last time to tell.
  entry told_{};
};

} // namespace dcrf::internal
