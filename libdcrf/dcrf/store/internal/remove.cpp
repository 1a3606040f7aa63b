#include "dcrf/store/internal/execute.hpp"
#include "dcrf/store/internal/links.hpp"
#include "dcrf/store/internal/row_key.hpp"
#include "dcrf/store/internal/row_writer.hpp"
#include "dcrf/store/internal/single_query.hpp"
#include "dcrf/store/internal/storage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_set>

namespace dcrf::internal {

namespace {

/// Finds out what goes with a row, without recursion: chains of rows may be long.
class collector {
public:
  explicit collector(store& at) : at_(at) {}

  void collect(const model_descriptor& model, std::vector<record> rows);

  /// @throws store_failure if rows that stay forbid it.
  void check() const;

  void empty_references();
  void remove_rows();

private:
  struct found_row {
    const model_descriptor* model;
    record values;
    // What says which groups it belongs to, as long as all that says so is there.
    std::vector<change::loaded> grouped{};
  };
  struct reference {
    const model_descriptor* model;
    std::size_t field;
    value key;
  };

  [[nodiscard]] std::vector<found_row*> in_order_of_removal();
  void remove_links(const found_row& x);
  void remove_links(const found_row& x, const relation_end& end);

  void add(std::vector<found_row>& level, const model_descriptor& model, record values);
  void collect_referrers(const found_row& x, std::vector<found_row>& next);
  [[nodiscard]] bool goes(const reference& x) const { return going_.contains({x.model, x.key}); }

  store& at_;
  // The rows at each distance from the first one.
  std::vector<std::vector<found_row>> levels_;
  std::unordered_set<row_key, row_key_hash> going_;
  std::vector<reference> to_empty_;
  std::vector<reference> forbidding_;
};

void collector::add(std::vector<found_row>& level, const model_descriptor& model, record values) {
  if (going_.insert({&model, model.key_of(values)}).second) {
    level.push_back({&model, std::move(values)});
  }
}

void collector::collect(const model_descriptor& model, std::vector<record> rows) {
  std::vector<found_row> level;
  for (auto& values : rows) {
    add(level, model, std::move(values));
  }
  while (!level.empty()) {
    std::vector<found_row> next;
    for (const auto& x : level) {
      collect_referrers(x, next);
    }
    levels_.push_back(std::move(level));
    level = std::move(next);
  }
}

void collector::collect_referrers(const found_row& x, std::vector<found_row>& next) {
  for (const auto& referrer : at_.models.referrers(*x.model)) {
    // A lambda can't capture a structured binding by clang 14.
    const auto* model = referrer.model;
    auto field = referrer.field;
    auto action = model->fields[field].action;
    const auto& sql = at_.statements(*model).lock_by[field];
    at_.sql.each(sql, {&x.model->key_of(x.values), 1}, [&](const statement& found) {
      auto values = at_.read_row(found, 0, *model);
      if (!values) {
        return; // what its reference says, the database does by itself
      }
      auto& references = action == on_delete::set_null ? to_empty_ : forbidding_;
      if (action == on_delete::cascade) {
        add(next, *model, std::move(*values));
      } else {
        references.push_back({model, field, model->key_of(*values)});
      }
    });
  }
}

void collector::check() const {
  for (const auto& x : forbidding_) {
    if (!goes(x)) {
      throw store_failure(store_errc::restricted,
                          fmt::format("the {} can't be deleted: the {} {} refers to it",
                                      levels_.front().front().model->name, x.model->name,
                                      to_string(x.key)));
    }
  }
}

void collector::empty_references() {
  for (const auto& x : to_empty_) {
    if (goes(x)) {
      continue;
    }
    auto before = at_.find(*x.model, x.model->primary_key, x.key);
    auto after = *before;
    after[x.field] = std::monostate{};
    std::vector<std::size_t> changed{x.field};
    count_version(*x.model, after, changed);
    update_row(at_, *x.model, x.key, after, changed);
    at_.note(*x.model, std::move(before), std::move(after));
  }
}

// In the order of Django's collector, which observers see.
void collector::remove_rows() {
  if (going_.size() > 1) {
    // Some may refer to each other.
    at_.sql.defer_references();
  }
  auto rows = in_order_of_removal();
  for (auto* x : rows) {
    x->grouped = at_.load_groups(*x->model, x->values);
  }
  for (const auto* x : rows) {
    remove_links(*x);
  }
  for (auto* x : rows) {
    delete_row(at_, *x->model, x->model->key_of(x->values));
    at_.note(*x->model, std::move(x->values), std::nullopt, std::move(x->grouped));
  }
}

// Those that refer go before those that they refer to; of one model, the last comes first.
std::vector<collector::found_row*> collector::in_order_of_removal() {
  std::vector<found_row*> result;
  for (auto& level : levels_) {
    for (auto& x : level) {
      result.push_back(&x);
    }
  }
  auto models = at_.models.models();
  std::ranges::sort(result, [models](const found_row* a, const found_row* b) {
    if (a->model != b->model) {
      return std::ranges::find(models, a->model) > std::ranges::find(models, b->model);
    }
    return key_less(b->model->key_of(b->values), a->model->key_of(a->values));
  });
  return result;
}

// Links that are rows of a model go as that model's references say.
void collector::remove_links(const found_row& x) {
  for (const auto& relation : x.model->relations) {
    if (relation.through == nullptr) {
      remove_links(x, {&relation, false});
    }
  }
  for (const auto* relation : at_.models.relations_to(*x.model)) {
    if (relation->through == nullptr) {
      remove_links(x, {relation, true});
    }
  }
}

// The rows at the far side that stay are changed by that.
void collector::remove_links(const found_row& x, const relation_end& end) {
  auto done = set_links(at_, end, x.model->key_of(x.values), {});
  if (done.gone.empty()) {
    return;
  }
  auto stays = [&](const value& key) { return !goes({&end.far(), 0, key}); };
  std::vector<value> staying;
  std::ranges::copy_if(done.gone, std::back_inserter(staying), stays);
  note_links(at_, end, x.values, staying, done);
}

} // namespace

void remove_with_referrers(store& at, const model_descriptor& model, std::vector<record> rows) {
  if (rows.empty()) {
    return;
  }
  collector going{at};
  going.collect(model, std::move(rows));
  going.check();
  going.empty_references();
  going.remove_rows();
}

store_result execute(store& at, const delete_command& x) {
  auto found = look_up_locked(at, x.where);
  if (!found) {
    return {.error = not_found(*x.where.model)};
  }
  store_result result;
  result.rows.push_back({std::move(*found)});
  remove_with_referrers(at, *x.where.model, {result.rows.front().values});
  return result;
}

} // namespace dcrf::internal
