#pragma once

#include "dcrf/observer/internal/live_query.hpp"
#include "dcrf/store/internal/row_key.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace dcrf::internal {

/// All lists that are watched, and which of them a change may matter to, without looking at the
/// others.
class live_query_index {
public:
  /// Null if nobody watches it.
  [[nodiscard]] live_query* find(const group_name& group) const;

  live_query& add(std::unique_ptr<live_query> x);
  void remove(live_query& x);

  /// Calls `visit` with each that a change may matter to; with some of them twice.
  template <class Visit>
  void each_concerned(const change& x, const Visit& visit) const {
    if (auto own = own_.find(x.model); own != own_.end()) {
      visit_all(own->second.others, visit);
      for (const auto& [column, by_value] : own->second.by_column) {
        visit_equal(by_value, column, x.before, visit);
        visit_equal(by_value, column, x.after, visit);
      }
    }
    if (auto others = others_.find(x.model); others != others_.end()) {
      visit_all(others->second, visit);
    }
  }

  template <class Visit>
  void each(const Visit& visit) const {
    for (const auto& [group, x] : by_group_) {
      visit(*x);
    }
  }

  /// The lists in turn; null if there is none.
  [[nodiscard]] live_query* next_in_turn();

  [[nodiscard]] std::size_t size() const noexcept { return by_group_.size(); }

private:
  using queries = std::unordered_set<live_query*>;
  using queries_by_value = std::unordered_map<value, queries, key_hash>;

  struct of_model {
    // By the first column that has to equal something.
    std::map<std::size_t, queries_by_value> by_column{};
    queries others{};
  };

  template <class Visit>
  static void visit_all(const queries& x, const Visit& visit) {
    std::ranges::for_each(x, [&](live_query* each) { visit(*each); });
  }

  template <class Visit>
  static void visit_equal(const queries_by_value& from, std::size_t column,
                          const std::optional<record>& state, const Visit& visit) {
    if (!state) {
      return;
    }
    if (auto found = from.find((*state)[column]); found != from.end()) {
      visit_all(found->second, visit);
    }
  }

  std::map<group_name, std::unique_ptr<live_query>> by_group_;
  std::unordered_map<const model_descriptor*, of_model> own_;
  std::unordered_map<const model_descriptor*, queries> others_;
  // Whose turn was last; null if it was nobody's.
  std::unique_ptr<group_name> last_turn_;
};

} // namespace dcrf::internal
