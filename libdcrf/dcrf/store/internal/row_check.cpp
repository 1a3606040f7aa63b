#include "dcrf/store/internal/row_check.hpp"

#include "dcrf/store/internal/select.hpp"
#include "dcrf/store/internal/storage.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <set>

namespace dcrf::internal {

namespace {

// Of each end of a table. So much is read in some 10 ms.
constexpr std::int64_t rows_of_an_end = 5'000;

constexpr std::chrono::seconds longest_check{1};

using clock = std::chrono::steady_clock;

struct finding {
  std::string first_key;
  std::string what;
  std::set<std::string> keys{};
};

class check {
public:
  check(store& at, const model_descriptor& model) : at_(at), model_(model) {}

  /// @returns whether there was time enough
  bool look(bool at_the_end, clock::time_point deadline) {
    auto sql = fmt::format("SELECT {} FROM {} AS {} ORDER BY {}{} LIMIT {}",
                           columns_of(model_, select_builder::root), quoted_name(model_.table),
                           select_builder::root, quoted_name(model_.key_field().column),
                           at_the_end ? " DESC" : "", rows_of_an_end);
    auto running = at_.sql.prepare(sql);
    for (auto more = running->execute(); more; more = running->next()) {
      look_at(*running);
      if (clock::now() > deadline) {
        return false;
      }
    }
    return true;
  }

  void tell(std::vector<std::string>& sentences) const {
    for (const auto& [field, found] : found_) {
      sentences.push_back(fmt::format("{}.{} can't be read in {} of the rows looked at; in the row "
                                      "{} it is {}",
                                      model_.table, model_.fields[field].column, found.keys.size(),
                                      found.first_key, found.what));
    }
  }

private:
  void look_at(const statement& row) {
    for (std::size_t i = 0; i < model_.fields.size(); ++i) {
      if (!read_exactly(row, i, model_.fields[i])) {
        note(row, i);
      }
    }
  }

  void note(const statement& row, std::size_t field) {
    std::string key{row.text(model_.primary_key)};
    auto [at, is_first] = found_.try_emplace(field);
    if (is_first) {
      at->second.first_key = key;
      at->second.what = misfit(row, field, model_.fields[field]);
    }
    // A row of a small table is at both of its ends.
    at->second.keys.insert(std::move(key));
  }

  store& at_;
  const model_descriptor& model_;
  std::map<std::size_t, finding> found_;
};

} // namespace

std::vector<std::string> find_unreadable(store& at) {
  std::vector<std::string> result;
  auto deadline = clock::now() + longest_check;
  auto is_in_time = true;
  for (const auto* model : at.models.models()) {
    check of_model{at, *model};
    try {
      for (auto at_the_end : {false, true}) {
        is_in_time = is_in_time && of_model.look(at_the_end, deadline);
      }
    } catch (const sql_error& e) {
      // What else there is can be served.
      result.push_back(fmt::format("the table {} can't be read: {}", model->table, e.what()));
    }
    of_model.tell(result);
  }
  return result;
}

} // namespace dcrf::internal
