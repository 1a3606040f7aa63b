#pragma once

#include "dcrf/groups/live_list.hpp"
#include "dcrf/observer/internal/list_window.hpp"
#include "dcrf/observer/internal/shown_rows.hpp"
#include "dcrf/store/change.hpp"
#include "dcrf/store/database.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace dcrf::internal {

/// One list that clients watch, as they have been told of it: knows which changes may touch it,
/// reads it, and makes the steps from what it was.
class live_query {
public:
  using completion = std::function<void(list_state_ptr)>;

  struct asker {
    list_question question;
    completion done;
  };

  /// @param compares_texts whether the database orders texts by their bytes
  /// @param last_revision of all lists, so that what a forgotten one has told is older; outlives
  /// the
  ///        query
  live_query(const list_question& x, bool compares_texts, std::uint64_t& last_revision);

  [[nodiscard]] const group_name& group() const noexcept { return group_; }
  [[nodiscard]] const model_descriptor& model() const noexcept { return *what_->rows.model; }
  [[nodiscard]] const condition& where() const noexcept { return what_->rows.where; }
  /// The models by whose rows the list may change besides its own.
  [[nodiscard]] const std::vector<const model_descriptor*>& others() const noexcept {
    return others_;
  }

  /// Whether a change may change the list from what it is.
  /// @param is_past whether the list is known as it is after the change, and not as it was before
  [[nodiscard]] bool is_touched_by(const change& x, bool is_past = false) const;

  /// Takes the list to what the database has now.
  /// @returns what is to be told; null if nothing has changed
  /// @throws store_failure; what a computed field throws
  [[nodiscard]] std::shared_ptr<list_steps> read(database& db);

  /// What is sent to who begins to watch.
  [[nodiscard]] std::shared_ptr<list_state> state();

  [[nodiscard]] bool was_read() const noexcept { return was_read_; }
  [[nodiscard]] bool is_current() const noexcept { return is_current_; }
  void outdate() noexcept { is_current_ = false; }
  /// Nothing has changed up to this position.
  void reach(feed_position_ptr x) { at_ = std::move(x); }

  std::vector<asker> asking;
  bool is_queued = false;

private:
  [[nodiscard]] bool is_count() const noexcept { return what_->is_count(); }

  [[nodiscard]] std::size_t limit() const noexcept {
    return static_cast<std::size_t>(what_->rows.limit.value_or(0));
  }

  [[nodiscard]] bool has(const record& x) const;
  [[nodiscard]] bool may_be_member(const std::optional<record>& x, bool is_new) const;
  [[nodiscard]] bool is_beyond(const record& x) const;
  [[nodiscard]] bool is_touched_by_row(const change& x, bool is_past) const;
  [[nodiscard]] bool is_count_touched_by(const change& x) const;

  std::shared_ptr<list_steps> count_steps(std::int64_t count);
  std::shared_ptr<list_steps> window_steps(std::vector<row>& rows);
  void take_window(std::vector<row>& rows, std::vector<listed_row>& to);
  std::shared_ptr<list_steps> begin_steps();
  [[nodiscard]] list_step told(const window_step& x, bool is_last) const;
  [[nodiscard]] const std::shared_ptr<const std::string>& all_rows();

  group_name group_;
  std::shared_ptr<const list_query> what_;
  bool compares_texts_;
  std::uint64_t* last_revision_;
  bool is_same_for_all_ = true;
  std::set<std::size_t> condition_columns_;
  std::set<std::size_t> order_columns_;
  std::vector<const model_descriptor*> others_;

  bool was_read_ = false;
  bool is_current_ = false;
  std::uint64_t revision_ = 0;
  feed_position_ptr at_;
  std::int64_t count_ = 0;
  std::vector<listed_row> window_;
  // The memory that it takes.
  std::size_t held_ = 0;
  // The rows of the window, and those that are shown with them.
  row_keys keys_;
  std::optional<record> last_;
  // What is sent of the window; null if nobody has asked.
  std::shared_ptr<const std::string> data_;
};

} // namespace dcrf::internal
