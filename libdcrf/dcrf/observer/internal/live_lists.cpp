#include "dcrf/observer/internal/live_lists.hpp"

#include "dcrf/observer/internal/list_condition.hpp"
#include "dcrf/observer/internal/list_window.hpp"
#include "dcrf/protocol/response.hpp"
#include "dcrf/serializer/write.hpp"
#include "dcrf/store/internal/row_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace dcrf {

using internal::listed_row;
using internal::truth;

namespace {

// Whether the database could not be asked; anything else is the query's own fault.
bool is_unavailable(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const store_failure& e) {
    return e.error().code == store_errc::unavailable;
  } catch (...) {
    return false;
  }
}

// How much of the feed is read to find out whether a list can have changed. Beyond it the list is
// sent.
constexpr int pages_of_feed = 4;

// How many queries are looked at, each time that one is added, for such as nobody watches any more.
constexpr std::size_t looks_for_unwatched = 2;

using row_keys = std::unordered_set<internal::row_key, internal::row_key_hash>;

const value& key_shown(const model_descriptor& model, const row& x, bool has_key_only) {
  return has_key_only ? x.values.front() : model.key_of(x.values);
}

void add_shown_keys(const fetch_plan& plan, const row& x, row_keys& to) {
  for (std::size_t i = 0; i < plan.size(); ++i) {
    for (const auto& each : x.related[i]) {
      to.insert({plan[i].model, key_shown(*plan[i].model, each, plan[i].keys_only)});
      if (!plan[i].keys_only) {
        add_shown_keys(plan[i].nested, each, to);
      }
    }
  }
}

void add_shown_models(const fetch_plan& plan, const model_descriptor& model,
                      std::vector<const model_descriptor*>& to) {
  for (const auto& x : plan) {
    to.push_back(x.model);
    if (x.relation != nullptr) {
      to.push_back(&model);
      if (x.relation->through != nullptr) {
        to.push_back(&x.relation->through());
      }
    }
    add_shown_models(x.nested, *x.model, to);
  }
}

// Whether a change of a row may change what is shown of other rows.
class shown_rows {
public:
  shown_rows(const row_keys& keys, const change& x) : keys_(&keys), change_(&x) {}

  [[nodiscard]] bool may_change(const fetch_plan& plan, const model_descriptor& parent) const {
    return std::ranges::any_of(plan, [&](const fetch& x) {
      return (change_->model == x.model && change_->relation == nullptr && is_of(x, parent))
             || (x.relation != nullptr && has_links(*x.relation)) || may_change(x.nested, *x.model);
    });
  }

private:
  [[nodiscard]] bool has(const model_descriptor& model, const value& key) const {
    return keys_->contains({&model, key});
  }

  [[nodiscard]] bool is_of(const fetch& x, const model_descriptor& parent) const {
    auto concerns = [&](const std::optional<record>& state) {
      return state
             && (has(*x.model, x.model->key_of(*state))
                 || (x.kind == fetch::side::referrers && has(parent, (*state)[x.field])));
    };
    return concerns(change_->before) || concerns(change_->after);
  }

  [[nodiscard]] bool has_links(const relation_descriptor& relation) const {
    bool is_own = std::ranges::any_of(change_->links, [&](const auto& links) {
      return links.relation == &relation && has(*change_->model, change_->key());
    });
    if (is_own || relation.through == nullptr || change_->model != &relation.through()) {
      return is_own;
    }
    auto concerns = [&](const std::optional<record>& state) {
      return state
             && (has(relation.source(), (*state)[relation.source_field])
                 || has(relation.target(), (*state)[relation.target_field]));
    };
    return concerns(change_->before) || concerns(change_->after);
  }

  const row_keys* keys_;
  const change* change_;
};

std::string list_tail(std::string_view members) {
  return fmt::format(R"(,"live":{{{}}}}})", members);
}

std::string list_position(const feed_position_ptr& x) {
  return x ? fmt::format(R"("at":"{}")", x->text) : std::string{};
}

std::string count_body(std::int64_t count) { return fmt::format(R"({{"count":{}}})", count); }

std::shared_ptr<const std::string> head_of_gone_row(const value& key) {
  std::string body;
  json_writer writer{body};
  writer.begin_object().key("pk");
  write_json(writer, key);
  writer.end_object();
  return std::make_shared<const std::string>(envelope_head("[]", body, R"("delete")", 204));
}

} // namespace

// -- one list -------------------------------------------------------------------------------------

class live_lists::query {
public:
  struct asker {
    list_question question;
    completion done;
  };

  /// @param last_revision of all lists, so that what a forgotten one has told is older
  query(const list_question& x, bool compares_texts, std::uint64_t& last_revision)
      : group_(x.group),
        what_(x.query),
        compares_texts_(compares_texts),
        last_revision_(&last_revision) {
    const auto& rows = what_->rows;
    internal::add_columns(rows.where, condition_columns_);
    for (const auto& by : rows.order_by) {
      order_columns_.insert(by.path.front());
    }
    internal::add_models(rows.where, *rows.model, others_);
    if (!is_count()) {
      internal::add_models(rows.order_by, *rows.model, others_);
      add_shown_models(what_->serializer->plan(), *rows.model, others_);
      is_same_for_all_ = what_->serializer->layout().is_same_for_all;
    }
    std::ranges::sort(others_);
    others_.erase(std::unique(others_.begin(), others_.end()), others_.end());
  }

  [[nodiscard]] const group_name& group() const noexcept { return group_; }
  [[nodiscard]] const model_descriptor& model() const noexcept { return *what_->rows.model; }
  [[nodiscard]] const condition& where() const noexcept { return what_->rows.where; }
  /// The models by whose rows the list may change besides its own.
  [[nodiscard]] const std::vector<const model_descriptor*>& others() const noexcept {
    return others_;
  }

  /// Whether a change may change the list from what it is.
  /// @param is_past whether the list is known as it is after the change, and not as it was before
  [[nodiscard]] bool is_touched_by(const change& x, bool is_past = false) const {
    if (x.model == &model() && x.relation == nullptr && is_touched_by_row(x, is_past)) {
      return true;
    }
    if (internal::may_change(where(), model(), x)) {
      return true;
    }
    return !is_count()
           && (internal::may_change(what_->rows.order_by, model(), x)
               || shown_rows{keys_, x}.may_change(what_->serializer->plan(), model()));
  }

  /// Takes the list to what the database has now.
  /// @returns what is to be told; null if nothing has changed
  std::shared_ptr<list_steps> read(database& db) {
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

  /// What is sent to who begins to watch.
  [[nodiscard]] std::shared_ptr<list_state> state() {
    auto result = std::make_shared<list_state>();
    result->result = list_state::outcome::changed;
    result->revision = revision_;
    result->at = at_;
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

  [[nodiscard]] bool was_read() const noexcept { return was_read_; }
  [[nodiscard]] bool is_current() const noexcept { return is_current_; }
  void outdate() noexcept { is_current_ = false; }
  void reach(feed_position_ptr x) { at_ = std::move(x); }

  std::vector<asker> asking;
  bool is_queued = false;

private:
  [[nodiscard]] bool is_count() const noexcept { return what_->is_count(); }

  [[nodiscard]] std::size_t limit() const noexcept {
    return static_cast<std::size_t>(what_->rows.limit.value_or(0));
  }

  static bool are_same(const std::set<std::size_t>& columns, const change& x) {
    return std::ranges::all_of(
        columns, [&](std::size_t column) { return (*x.before)[column] == (*x.after)[column]; });
  }

  [[nodiscard]] bool has(const record& x) const {
    return keys_.contains({&model(), model().key_of(x)});
  }

  [[nodiscard]] bool may_be_member(const std::optional<record>& x, bool is_new) const {
    return x && internal::holds(where(), model(), *x, is_new) != truth::no;
  }

  [[nodiscard]] bool is_beyond(const record& x) const {
    return last_
           && internal::is_surely_after(x, *last_, what_->rows.order_by, model(), compares_texts_);
  }

  [[nodiscard]] bool is_touched_by_row(const change& x, bool is_past) const {
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

  [[nodiscard]] bool is_count_touched_by(const change& x) const {
    if (x.before && x.after && are_same(condition_columns_, x)) {
      return false;
    }
    auto before = x.before ? internal::holds(where(), model(), *x.before) : truth::no;
    auto after = x.after ? internal::holds(where(), model(), *x.after, !x.before) : truth::no;
    return before != after || before == truth::unknown;
  }

  std::shared_ptr<list_steps> count_steps(std::int64_t count) {
    if (was_read_ && count == count_) {
      return nullptr;
    }
    auto result = begin_steps();
    result->steps.push_back({.head = std::make_shared<const std::string>(
                                 envelope_head("[]", count_body(count), R"("count_list")", 200)),
                             .tail = list_tail(list_position(at_))});
    result->bytes = result->steps.front().head->size();
    count_ = count;
    return result;
  }

  std::shared_ptr<list_steps> window_steps(std::vector<row>& rows) {
    std::vector<listed_row> now;
    now.reserve(rows.size());
    keys_.clear();
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
      now.push_back(std::move(listed));
    }
    auto before = std::exchange(window_, std::move(now));
    auto steps = internal::steps_between(before, window_);
    if (steps.empty()) {
      return nullptr;
    }
    data_ = nullptr;
    auto result = begin_steps();
    for (std::size_t i = 0; i < steps.size(); ++i) {
      result->steps.push_back(told(steps[i], i + 1 == steps.size()));
      const auto& made = result->steps.back();
      result->bytes += sizeof(list_step) + made.tail.size() + (made.head ? made.head->size() : 0);
    }
    return result;
  }

  std::shared_ptr<list_steps> begin_steps() {
    auto result = std::make_shared<list_steps>();
    result->position = at_;
    result->from = revision_;
    result->to = revision_ = ++*last_revision_;
    return result;
  }

  [[nodiscard]] list_step told(const internal::window_step& x, bool is_last) const {
    list_step result{.kind = x.kind};
    auto members = fmt::format(R"("index":{})", x.index);
    if (!is_last) {
      members += R"(,"more":true)";
    } else if (at_) {
      members += ',' + list_position(at_);
    }
    result.tail = list_tail(members);
    if (x.kind == change_kind::remove) {
      result.head = head_of_gone_row(x.of->key);
    } else if (x.of->text) {
      auto action = fmt::format("\"{}\"", to_string(x.kind));
      result.head =
          std::make_shared<const std::string>(envelope_head("[]", *x.of->text, action, 200));
    } else {
      result.shown = x.of->shown;
    }
    return result;
  }

  // Many may begin to watch at once.
  [[nodiscard]] const std::shared_ptr<const std::string>& all_rows() {
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
  // The rows of the window, and those that are shown with them.
  row_keys keys_;
  std::optional<record> last_;
  std::shared_ptr<const std::string> data_;
};

// -- all lists ------------------------------------------------------------------------------------

// Which lists a change may matter to.
class live_lists::index {
public:
  using queries = std::unordered_set<query*>;

  query* find(const group_name& group) const {
    auto found = by_group_.find(group);
    return found == by_group_.end() ? nullptr : found->second.get();
  }

  query& add(std::unique_ptr<query> x) {
    auto& added = *x;
    by_group_.emplace(added.group(), std::move(x));
    auto& own = own_[&added.model()];
    if (auto by = internal::equality_of(added.where())) {
      for (const auto& operand : by->operands) {
        own.by_column[by->column][operand].insert(&added);
      }
    } else {
      own.others.insert(&added);
    }
    for (const auto* model : added.others()) {
      others_[model].insert(&added);
    }
    return added;
  }

  void remove(query& x) {
    auto own = own_.find(&x.model());
    if (auto by = internal::equality_of(x.where())) {
      auto& places = own->second.by_column[by->column];
      for (const auto& operand : by->operands) {
        if (auto place = places.find(operand); place != places.end()) {
          place->second.erase(&x);
          if (place->second.empty()) {
            places.erase(place);
          }
        }
      }
      if (places.empty()) {
        own->second.by_column.erase(by->column);
      }
    } else {
      own->second.others.erase(&x);
    }
    for (const auto* model : x.others()) {
      others_[model].erase(&x);
    }
    std::erase(queued, &x);
    if (next_look_ != nullptr && *next_look_ == x.group()) {
      next_look_ = nullptr;
    }
    by_group_.erase(group_name{x.group()});
  }

  template <class Visit>
  void each_concerned(const change& x, const Visit& visit) const {
    if (auto own = own_.find(x.model); own != own_.end()) {
      std::ranges::for_each(own->second.others, [&](query* each) { visit(*each); });
      for (const auto& [column, by_value] : own->second.by_column) {
        visit_equal(by_value, column, x.before, visit);
        visit_equal(by_value, column, x.after, visit);
      }
    }
    if (auto others = others_.find(x.model); others != others_.end()) {
      std::ranges::for_each(others->second, [&](query* each) { visit(*each); });
    }
  }

  template <class Visit>
  void each(const Visit& visit) const {
    for (const auto& [group, x] : by_group_) {
      visit(*x);
    }
  }

  // The queries in turn; null if there is none.
  query* next_to_look_at() {
    if (by_group_.empty()) {
      return nullptr;
    }
    auto at = next_look_ ? by_group_.upper_bound(*next_look_) : by_group_.begin();
    at = at == by_group_.end() ? by_group_.begin() : at;
    next_look_ = std::make_unique<group_name>(at->first);
    return at->second.get();
  }

  [[nodiscard]] std::size_t size() const noexcept { return by_group_.size(); }

  // Those that have to be read or answered.
  std::deque<query*> queued;

private:
  using by_value = std::unordered_map<value, queries, internal::key_hash>;

  struct of_model {
    // By the first column that has to equal something.
    std::map<std::size_t, by_value> by_column{};
    queries others{};
  };

  template <class Visit>
  static void visit_equal(const by_value& from, std::size_t column,
                          const std::optional<record>& state, const Visit& visit) {
    if (!state) {
      return;
    }
    if (auto found = from.find((*state)[column]); found != from.end()) {
      std::ranges::for_each(found->second, [&](query* each) { visit(*each); });
    }
  }

  std::map<group_name, std::unique_ptr<query>> by_group_;
  std::unordered_map<const model_descriptor*, of_model> own_;
  std::unordered_map<const model_descriptor*, queries> others_;
  std::unique_ptr<group_name> next_look_;
};

live_lists::live_lists(database& db, channel_layer& channels, std::function<void()> wake)
    : db_(&db), channels_(&channels), wake_(std::move(wake)), index_(std::make_unique<index>()) {}

live_lists::~live_lists() = default;

std::size_t live_lists::size() const noexcept { return index_->size(); }

bool live_lists::is_current() const noexcept { return index_->queued.empty(); }

bool live_lists::is_watched(const query& x) const {
  return !x.asking.empty() || channels_->has_members(x.group());
}

void live_lists::put_off(query& x) {
  if (!x.is_queued) {
    x.is_queued = true;
    index_->queued.push_back(&x);
    wake_();
  }
}

void live_lists::ask(list_question x, completion done) {
  auto* found = index_->find(x.group);
  if (found == nullptr) {
    forget_some();
    // Only SQLite orders texts by their bytes, whatever they are.
    bool compares_texts = db_->options().url.starts_with("sqlite");
    found = &index_->add(std::make_unique<query>(x, compares_texts, last_revision_));
  }
  found->asking.push_back({std::move(x), std::move(done)});
  put_off(*found);
}

void live_lists::forget_some() {
  for (std::size_t i = 0; i < looks_for_unwatched; ++i) {
    if (auto* x = index_->next_to_look_at(); x != nullptr && !is_watched(*x)) {
      forget(*x);
    }
  }
}

void live_lists::forget(query& x) { index_->remove(x); }

void live_lists::note(std::span<const change> changes) {
  for (const auto& x : changes) {
    index_->each_concerned(x, [&](query& each) {
      if (each.is_current() && each.is_touched_by(x)) {
        each.outdate();
        put_off(each);
      }
    });
  }
}

void live_lists::lose() {
  index_->each([this](query& x) {
    x.outdate();
    put_off(x);
  });
}

live_lists::progress live_lists::step() {
  if (index_->queued.empty()) {
    return progress::done;
  }
  auto& x = *index_->queued.front();
  index_->queued.pop_front();
  x.is_queued = false;
  if (!is_watched(x)) {
    forget(x);
    return is_current() ? progress::done : progress::more;
  }
  if (!x.is_current()) {
    std::shared_ptr<list_steps> steps;
    try {
      bool is_first = !x.was_read();
      ++reads_;
      steps = x.read(*db_);
      steps = is_first ? nullptr : steps;
    } catch (...) {
      failure_ = std::current_exception();
      auto failed = std::make_shared<const list_state>();
      for (auto& asker : std::exchange(x.asking, {})) {
        asker.done(failed);
      }
      if (is_unavailable(failure_)) {
        put_off(x);
        return progress::failed;
      }
      // Others' lists don't wait for it: who watches it asks again, in its own time.
      auto lost = std::make_shared<group_message>();
      lost->target = x.group();
      lost->is_loss = true;
      channels_->publish(std::move(lost));
      return progress::faulty;
    }
    if (steps) {
      auto message = std::make_shared<group_message>();
      message->target = x.group();
      message->kind = change_kind::update;
      message->live = std::move(steps);
      channels_->publish(std::move(message));
    }
  }
  answer(x);
  return is_current() ? progress::done : progress::more;
}

void live_lists::answer(query& x) {
  for (auto& asker : std::exchange(x.asking, {})) {
    list_state_ptr state;
    try {
      x.reach(db_->position());
      state = state_for(x, asker.question);
    } catch (...) {
      state = std::make_shared<const list_state>();
    }
    asker.done(std::move(state));
  }
}

list_state_ptr live_lists::state_for(query& x, const list_question& asked) {
  auto result = x.state();
  if (!asked.since.empty()) {
    result->result = outcome_for(x, asked.since);
  }
  return result;
}

// What was not kept may have changed the list.
list_state::outcome live_lists::outcome_for(const query& x, const std::string& since) {
  auto* feed = db_->changes();
  if (feed == nullptr) {
    return list_state::outcome::unknown;
  }
  auto models = x.others();
  models.push_back(&x.model());
  if (!std::ranges::all_of(models, [feed](const auto* model) { return feed->keeps(*model); })) {
    return list_state::outcome::changed;
  }
  feed_position at;
  switch (feed->find(since, models, at)) {
  case feed::standing::expired:
    return list_state::outcome::expired;
  case feed::standing::unknown:
    return list_state::outcome::unknown;
  case feed::standing::known:
    break;
  }
  auto until = feed->cut();
  for (int pages = 0; at.order < until->order; ++pages) {
    auto page = pages < pages_of_feed ? feed->read(at, *until) : std::nullopt;
    bool is_touched = !page || std::ranges::any_of(page->changes, [&x](const change& each) {
      return x.is_touched_by(each, true);
    });
    if (is_touched) {
      return list_state::outcome::changed;
    }
    at = page->reached;
    if (!page->has_more) {
      break;
    }
  }
  return list_state::outcome::resumed;
}

} // namespace dcrf
