#pragma once

#include "dcrf/store/database.hpp"
#include "dcrf/store/internal/connection.hpp"
#include "dcrf/store/internal/once_store.hpp"
#include "dcrf/store/internal/table_sql.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace dcrf::internal {

/// A database at work: what the commands' executors share.
class store {
public:
  store(database_options with, schema models);

  /// Makes the feed ready; without one, what an earlier program kept is not continued.
  /// @throws sql_error
  void open_feed();

  /// The statements of a model.
  /// @throws store_failure if it is none of the schema's.
  const table_sql& statements(const model_descriptor& model);

  const link_sql& statements(const relation_descriptor& relation, bool reverse);

  /// The row of a model with a value in a field, which must be unique.
  std::optional<record> find(const model_descriptor& model, std::size_t field, const value& x);
  /// The same, for a transaction that will write: nobody else changes the row before its end.
  std::optional<record> find_locked(const model_descriptor& model, std::size_t field,
                                    const value& x);

  /// Reads the model's fields from the row at hand, beginning with a column. What can't be read
  /// (what another program wrote, say) is null, and reported.
  /// @returns nothing if it is the key, without which nobody could name the row
  std::optional<record> read_row(const found_row& from, std::size_t first,
                                 const model_descriptor& model) const;
  /// Reads one key of the model; nothing if it can't be read.
  std::optional<value> read_key(const found_row& from, std::size_t column,
                                const model_descriptor& model) const;

  /// Whether rows of the model were seen to set off triggers, which somebody else has made.
  [[nodiscard]] bool has_triggers(const model_descriptor& model) const {
    return with_triggers_.contains(&model);
  }
  void note_triggers(const model_descriptor& model) { with_triggers_.insert(&model); }

  /// The version of the change that was just written, which is to be noted next.
  void note_version(std::uint64_t x) noexcept { written_version_ = x; }

  /// Notes what happened to a row, and to the relations whose link it is.
  /// @param grouped of a row that was deleted: what `load_groups` said before
  void note(const model_descriptor& model, std::optional<record> before,
            std::optional<record> after, std::vector<change::loaded> grouped = {});
  /// Notes that a relation of a row changed.
  void note_relation(const model_descriptor& model, record values, change::link_change links);

  /// Notes that so many rows of a model changed that none is told of.
  void note_gap(const model_descriptor& model);

  /// Whether the rows of a model are the links of a relation.
  [[nodiscard]] bool has_links(const model_descriptor& model) const {
    return relations_through_.contains(&model);
  }

  /// Loads what is to be shown with the rows that were noted and are still there. What was deleted
  /// is loaded when it is noted, while what it refers to is there.
  void load_shown();
  /// What says which groups a row belongs to that is about to be deleted.
  [[nodiscard]] std::vector<change::loaded> load_groups(const model_descriptor& model,
                                                        const record& values);
  /// Whether that is something, for a row to be created as it is known now.
  [[nodiscard]] bool shows_more(const model_descriptor& model, const record& values) const;

  /// What was noted since the last call.
  std::vector<change> take_changes() {
    written_version_ = 0;
    return std::exchange(changes_, {});
  }

  /// The changes noted so far are committed. Who learns of their versions finds their position.
  /// @param position that of the commit; null if it is not kept
  void mark_committed(const feed_position_ptr& position = nullptr) {
    if (position) {
      std::lock_guard lock{position_mutex_};
      position_ = position;
    }
    committed_version_.store(last_version_, std::memory_order_release);
    commits_.fetch_add(1, std::memory_order_release);
  }
  /// The version of the last change that was committed. From any thread.
  [[nodiscard]] std::uint64_t committed_version() const noexcept {
    return committed_version_.load(std::memory_order_acquire);
  }

  /// The newest position of the feed; null if there is none. From any thread.
  [[nodiscard]] feed_position_ptr position() const {
    std::lock_guard lock{position_mutex_};
    return position_;
  }

  /// How often something was committed. From any thread.
  [[nodiscard]] std::uint64_t commits() const noexcept {
    return commits_.load(std::memory_order_acquire);
  }

  const database_options options;
  connection sql;
  const schema models;
  /// What is kept of the past; null if nothing is.
  const std::unique_ptr<feed> log;
  once_store once;
  /// Whether the running command has a savepoint: one that writes a single row in a single
  /// statement needs none.
  bool has_savepoint = false;
  /// See `database::load_with_changes`; may be empty.
  database::plans_of_change plans_of_change;
  database::plans_of_change groups_of_change;

private:
  std::optional<record> find(const model_descriptor& model, std::size_t field, const value& x,
                             const std::vector<std::string>& statement_texts);
  std::uint64_t next_version();
  void load_shown(change& x);
  void load(change& x, const database::plans_of_change& plans);
  void report(const found_row& from, std::size_t column, const model_descriptor& model,
              const field_descriptor& field, std::string_view key) const;

  std::vector<change> changes_;
  std::uint64_t last_version_ = 0;
  // What the last write said; 0 if it said nothing, or that was noted.
  std::uint64_t written_version_ = 0;
  mutable std::mutex position_mutex_;
  feed_position_ptr position_;
  std::atomic<std::uint64_t> committed_version_{0};
  std::atomic<std::uint64_t> commits_{0};
  std::unordered_map<const model_descriptor*, table_sql> tables_;
  std::map<std::pair<const relation_descriptor*, bool>, link_sql> links_;
  std::set<const model_descriptor*> with_triggers_;
  std::unordered_map<const model_descriptor*, std::vector<const relation_descriptor*>>
      relations_through_;
};

} // namespace dcrf::internal

namespace dcrf {

struct database::connection : internal::store {
  connection(database_options with, schema models) : store(std::move(with), std::move(models)) {}
};

} // namespace dcrf
