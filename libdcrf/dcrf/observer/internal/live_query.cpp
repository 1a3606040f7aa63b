#include "dcrf/observer/internal/live_query.hpp"

#include "dcrf/observer/internal/list_condition.hpp"
#include "dcrf/protocol/internal/deletion.hpp"
#include "dcrf/protocol/internal/live_member.hpp"
#include "dcrf/protocol/response.hpp"
#include "dcrf/serializer/write.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dcrf::internal {

namespace {

std::string count_body(std::int64_t count) { return fmt::format(R"({{"count":{}}})", count); }

bool are_same(const std::set<std::size_t>& columns, const change& x) {
  return std::ranges::all_of(
      columns, [&](std::size_t column) { return (*x.before)[column] == (*x.after)[column]; });
}

} // namespace

live_query::live_query(const list_question& x, bool compares_texts, std::uint64_t& last_revision)
    : group_(x.group),
      what_(x.query),
      compares_texts_(compares_texts),
      last_revision_(&last_revision) {
  const auto& rows = what_->rows;
  add_columns(rows.where, condition_columns_);
  for (const auto& by : rows.order_by) {
    order_columns_.insert(by.path.front());
  }
  add_models(rows.where, *rows.model, others_);
  if (!is_count()) {
    add_models(rows.order_by, *rows.model, others_);
    add_shown_models(what_->serializer->plan(), *rows.model, others_);
    is_same_for_all_ = what_->serializer->layout().is_same_for_all;
  }
  std::ranges::sort(others_);
  others_.erase(std::unique(others_.begin(), others_.end()), others_.end());
}

// -- which changes touch it -----------------------------------------------------------------------

bool live_query::is_touched_by(const change& x, bool is_past) const {
  if (x.model == &model() && x.relation == nullptr && is_touched_by_row(x, is_past)) {
    return true;
  }
  if (may_change(where(), model(), x)) {
    return true;
  }
  return !is_count()
         && (may_change(what_->rows.order_by, model(), x)
             || may_change_shown(keys_, what_->serializer->plan(), model(), x));
}

bool live_query::has(const record& x) const {
  return keys_.contains({&model(), model().key_of(x)});
}

bool live_query::may_be_member(const std::optional<record>& x, bool is_new) const {
  return x && holds(where(), model(), *x, is_new) != truth::no;
}

bool live_query::is_beyond(const record& x) const {
  return last_ && is_surely_after(x, *last_, what_->rows.order_by, model(), compares_texts_);
}

bool live_query::is_touched_by_row(const change& x, bool is_past) const {
  if (is_count()) {
    return is_count_touched_by(x);
  }
  if ((x.before && has(*x.before)) || (x.after && has(*x.after))) {
    return true;
  }
  bool moves = !x.before || !x.after || !are_same(condition_columns_, x)
               || !are_same(order_columns_, x)
               || model().key_of(*x.before) != model().key_of(*x.after);
  if (!moves) {
    return false;
  }
  bool is_full = window_.size() >= limit();
  // A first window had all rows up to its last one.
  bool may_have_left = is_past || what_->rows.offset != 0;
  bool leaves =
      may_have_left && may_be_member(x.before, false) && !(is_full && is_beyond(*x.before));
  bool comes = may_be_member(x.after, !x.before) && !(is_full && is_beyond(*x.after));
  return leaves || comes;
}

bool live_query::is_count_touched_by(const change& x) const {
  if (x.before && x.after && are_same(condition_columns_, x)) {
    return false;
  }
  auto before = x.before ? holds(where(), model(), *x.before) : truth::no;
  auto after = x.after ? holds(where(), model(), *x.after, !x.before) : truth::no;
  return before != after || before == truth::unknown;
}

// -- what it is -----------------------------------------------------------------------------------

std::shared_ptr<list_steps> live_query::read(database& db) {
  unit_of_work unit{db, unit_of_work::access::read};
  command asked;
  if (is_count()) {
    asked.body = count_command{.rows = what_->rows};
  } else {
    asked.body = list_command{.rows = what_->rows, .plan = what_->serializer->plan()};
  }
  auto found = unit.execute(asked);
  found.check();
  auto cut = unit.cut();
  unit.commit();
  at_ = std::move(cut);
  auto steps = is_count() ? count_steps(found.count) : window_steps(found.rows);
  was_read_ = true;
  is_current_ = true;
  return steps;
}

std::shared_ptr<list_state> live_query::state() {
  auto result = std::make_shared<list_state>();
  result->result = list_state::outcome::changed;
  result->revision = revision_;
  result->at = at_;
  result->held = held_;
  if (is_count()) {
    result->data = std::make_shared<const std::string>(count_body(count_));
  } else if (is_same_for_all_) {
    result->data = all_rows();
  } else {
    for (const auto& x : window_) {
      result->rows.push_back(x.shown);
    }
  }
  return result;
}

// Many may begin to watch at once.
const std::shared_ptr<const std::string>& live_query::all_rows() {
  if (!data_) {
    std::string result = "[";
    for (const auto& x : window_) {
      result += result.size() > 1 ? "," : "";
      result += *x.text;
    }
    data_ = std::make_shared<const std::string>(std::move(result) + ']');
  }
  return data_;
}

// -- the steps from what it was -------------------------------------------------------------------

std::shared_ptr<list_steps> live_query::begin_steps() {
  auto result = std::make_shared<list_steps>();
  result->position = at_;
  result->from = revision_;
  result->to = revision_ = ++*last_revision_;
  return result;
}

std::shared_ptr<list_steps> live_query::count_steps(std::int64_t count) {
  if (was_read_ && count == count_) {
    return nullptr;
  }
  auto result = begin_steps();
  result->steps.push_back({.head = std::make_shared<const std::string>(
                               envelope_head("[]", count_body(count), R"("count_list")", 200)),
                           .tail = live_tail(at_ ? at_member(*at_) : std::string{})});
  result->bytes = result->steps.front().head->size();
  count_ = count;
  return result;
}

std::shared_ptr<list_steps> live_query::window_steps(std::vector<row>& rows) {
  std::vector<listed_row> now;
  take_window(rows, now);
  auto before = std::exchange(window_, std::move(now));
  auto steps = steps_between(before, window_);
  if (steps.empty()) {
    return nullptr;
  }
  data_ = nullptr;
  auto result = begin_steps();
  result->held = held_;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    result->steps.push_back(told(steps[i], i + 1 == steps.size()));
    const auto& made = result->steps.back();
    result->bytes += sizeof(list_step) + made.tail.size() + (made.head ? made.head->size() : 0);
  }
  return result;
}

void live_query::take_window(std::vector<row>& rows, std::vector<listed_row>& to) {
  to.reserve(rows.size());
  keys_.clear();
  held_ = 0;
  const auto& plan = what_->serializer->plan();
  last_ = rows.empty() ? std::nullopt : std::optional{rows.back().values};
  for (auto& x : rows) {
    listed_row listed{.key = model().key_of(x.values)};
    keys_.insert({&model(), listed.key});
    add_shown_keys(plan, x, keys_);
    if (is_same_for_all_) {
      listed.text = std::make_shared<const std::string>(shown_in_list(*what_->serializer, x, {}));
    } else {
      listed.shown = std::make_shared<const row>(std::move(x));
    }
    held_ += memory_of(listed);
    to.push_back(std::move(listed));
  }
}

list_step live_query::told(const window_step& x, bool is_last) const {
  list_step result{.kind = x.kind};
  auto members = fmt::format(R"("index":{})", x.index);
  if (!is_last) {
    members += R"(,"more":true)";
  } else if (at_) {
    members += ',' + at_member(*at_);
  }
  result.tail = live_tail(members);
  if (x.kind == change_kind::remove) {
    result.head = head_of_deletion(x.of->key);
  } else if (x.of->text) {
    auto action = fmt::format("\"{}\"", to_string(x.kind));
    result.head =
        std::make_shared<const std::string>(envelope_head("[]", *x.of->text, action, 200));
  } else {
    result.shown = x.of->shown;
  }
  return result;
}

} // namespace dcrf::internal
