#pragma once

#include "dcrf/store/change.hpp"
#include "dcrf/store/feed_position.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf {

/// How much of the past a feed keeps: what comes first.
struct feed_retention {
  std::chrono::milliseconds time = std::chrono::hours{1};
  std::uint64_t entries = 1'000'000;
  /// With what an entry costs besides its changes.
  std::uint64_t bytes = std::uint64_t{256} * 1024 * 1024;

  friend bool operator==(const feed_retention&, const feed_retention&) = default;
};

/// What a database's feed is for.
struct feed_options {
  /// The models whose changes are kept; without any, and without signals, there is no feed.
  std::vector<const model_descriptor*> models{};
  /// What the durable signals look like that are kept; without any they are not kept.
  std::string signals{};
  feed_retention retention{};
};

/// The changes that were committed to a database, in the order of the commits: durable, because
/// they are written in the transaction that makes them, and bounded. Belongs to the thread of its
/// database, and reads and writes on its connection.
class feed {
public:
  /// What became of a position.
  enum class standing : std::uint8_t {
    /// All that was committed after it is there.
    known,
    /// It was forgotten, or the columns of a table were others then.
    expired,
    /// It is of another history: of another database, or of what a restored backup has undone.
    unknown,
  };

  /// Changes that were committed together.
  using commands = std::span<const std::vector<change>>;

  /// A part of what was committed between two positions.
  struct page {
    /// In the order in which they were made.
    std::vector<change> changes{};
    /// Up to where the feed was read. Only the feed may be asked with it.
    feed_position reached{};
    bool has_more = false;
  };

  struct extent {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    feed_position_ptr oldest{};
    feed_position_ptr newest{};
  };

  feed() = default;
  feed(const feed&) = delete;
  feed& operator=(const feed&) = delete;
  virtual ~feed() = default;

  /// Makes the feed ready, and notes which tables are kept with which columns: of a table that was
  /// not kept so without interruption, older positions are expired.
  /// @pre a transaction is open for writing
  /// @throws sql_error
  virtual void open() = 0;

  /// Keeps what the open transaction has changed, command by command, and forgets some of what is
  /// too old.
  /// @returns the position after it; null if nothing of it is to be kept
  /// @throws sql_error, store_failure
  virtual feed_position_ptr append(commands changes) = 0;

  /// Whether a model's changes are kept.
  [[nodiscard]] virtual bool keeps(const model_descriptor& model) const noexcept = 0;

  /// The position that the open transaction sees, or the newest one.
  /// @throws sql_error
  virtual feed_position_ptr cut() = 0;

  /// What became of a position, as far as it concerns some models.
  /// @throws sql_error
  virtual standing find(std::string_view position, std::span<const model_descriptor* const> models,
                        feed_position& found) = 0;

  /// What was committed after `since`, up to `until`; if that is much, a part of it.
  /// @pre both are known
  /// @returns nothing if it was forgotten meanwhile
  /// @throws sql_error
  virtual std::optional<page> read(const feed_position& since, const feed_position& until) = 0;

  /// Forgets what is too old, or all but the newest, in transactions of its own.
  /// @returns whether there is more to forget
  /// @throws sql_error
  virtual bool prune(bool all) = 0;

  /// Whether so much was kept since this last was so, or since the start, that positions which have
  /// not moved meanwhile should be replaced soon: an eighth of what is kept at all.
  [[nodiscard]] virtual bool is_time_to_tell() noexcept = 0;

  /// @throws sql_error
  [[nodiscard]] virtual extent size() = 0;
};

} // namespace dcrf
