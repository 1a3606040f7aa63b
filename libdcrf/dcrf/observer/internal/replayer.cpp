#include "dcrf/observer/internal/replayer.hpp"

#include "dcrf/groups/observer_registry.hpp"
#include "dcrf/observer/internal/event_text.hpp"
#include "dcrf/store/internal/row_key.hpp"
#include "dcrf/store/internal/signal_model.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>

namespace dcrf {

namespace {

using shared_change = std::shared_ptr<const change>;

const model_descriptor& model_of(const observer_descriptor& x) noexcept {
  return x.durable != nullptr ? signal_model() : *static_cast<const model_descriptor*>(x.subject);
}

bool is_watched(const change& x, const observer_descriptor& observer) noexcept {
  return x.relation == nullptr || observer.watches_relations;
}

// A row as an observer tells of it.
struct observed_row {
  const observer_descriptor* observer;
  value key;

  friend bool operator==(const observed_row&, const observed_row&) = default;
};

struct observed_row_hash {
  std::size_t operator()(const observed_row& x) const noexcept {
    return std::hash<const void*>{}(x.observer) * 31 + internal::key_hash{}(x.key);
  }
};

// What happened to one row, as those in some groups see it.
struct row_sum {
  // Whether the row was there at the position asked for, and is now.
  bool was_there = false;
  bool is_there = false;
  // Grows with the changes.
  std::uint64_t last = 0;
  shared_change latest{};

  [[nodiscard]] std::optional<change_kind> kind() const noexcept {
    if (is_there) {
      return was_there ? change_kind::update : change_kind::create;
    }
    return was_there ? std::optional{change_kind::remove} : std::nullopt;
  }
};

using row_sums = std::unordered_map<observed_row, row_sum, observed_row_hash>;

// The rows of which something is to be told, in the order of their last changes.
std::vector<const row_sums::value_type*> in_order(const row_sums& x) {
  std::vector<const row_sums::value_type*> result;
  for (const auto& each : x) {
    if (each.second.kind()) {
      result.push_back(&each);
    }
  }
  std::ranges::sort(result, {}, [](const auto* each) { return each->second.last; });
  return result;
}

const observer_descriptor* reading_observer(const replay_question& x) noexcept {
  auto found = std::ranges::find_if(
      x.groups, [](const group_name& group) { return group.observer->reading != nullptr; });
  return found == x.groups.end() ? nullptr : found->observer;
}

} // namespace

// One pass over the feed.
class replayer::pass {
public:
  pass(database& db, std::size_t limit, std::vector<asked> all) : db_(&db), limit_(limit) {
    for (auto& x : all) {
      add(std::move(x));
    }
    for (auto& [key, x] : jobs_) {
      starts_.emplace(x.since.order, &x);
    }
  }

  // Whether there is more to read.
  bool step() {
    if (!starts_.empty() && !at_) {
      at_ = starts_.begin()->second->since;
    }
    if (at_ && read_until(*db_->changes()->cut())) {
      return true;
    }
    finish();
    return false;
  }

  // Nobody can be told now.
  void fail() {
    auto failed = std::make_shared<const replay>();
    for (auto& x : std::exchange(askers_, {})) {
      x.done(failed);
    }
  }

private:
  // All who ask the same about the same groups.
  struct job {
    feed_position since{};
    std::vector<group_name> groups{};
    bool is_too_many = false;
    row_sums sums{};
    replay_ptr told{};
  };

  struct asker {
    replay_question question;
    completion done;
    // Null if it wants no more than the rows that it names.
    job* of = nullptr;
    std::optional<replay::outcome> refused{};
  };

  void add(asked x) {
    asker added{.question = std::move(x.question), .done = std::move(x.done)};
    // Who names rows is told of these in any case.
    if (!added.question.since.empty() || added.question.keys.empty()) {
      try {
        find_since(added);
      } catch (...) {
        added.refused = replay::outcome::failed;
      }
    }
    askers_.push_back(std::move(added));
  }

  void find_since(asker& x) {
    std::vector<const model_descriptor*> models;
    for (const auto& group : x.question.groups) {
      models.push_back(&model_of(*group.observer));
    }
    feed_position found;
    switch (db_->changes()->find(x.question.since, models, found)) {
    case feed::standing::known:
      x.of = &job_of(found, x.question.groups);
      break;
    case feed::standing::expired:
      x.refused = replay::outcome::expired;
      break;
    case feed::standing::unknown:
      x.refused = replay::outcome::unknown;
      break;
    }
  }

  job& job_of(const feed_position& since, std::vector<group_name> groups) {
    std::ranges::sort(groups);
    auto& result = jobs_[{since.order, groups}];
    result.since = since;
    result.groups = std::move(groups);
    return result;
  }

  // -- reading ------------------------------------------------------------------------------------

  // Reads all that is left if that is little, else a part.
  bool read_until(const feed_position& until) {
    join_reached();
    while (at_->order < until.order) {
      bool is_next = !starts_.empty() && starts_.begin()->first < until.order;
      auto page = db_->changes()->read(*at_, is_next ? starts_.begin()->second->since : until);
      if (!page) {
        throw store_failure(store_errc::unavailable, "the feed has forgotten what was replayed");
      }
      for (auto& x : page->changes) {
        note(std::make_shared<const change>(std::move(x)));
      }
      at_ = page->reached;
      join_reached();
      if (page->has_more) {
        return true;
      }
    }
    return false;
  }

  // Those whose positions have been reached take part from here on.
  void join_reached() {
    while (!starts_.empty() && starts_.begin()->first <= at_->order) {
      auto* x = starts_.begin()->second;
      starts_.erase(starts_.begin());
      for (const auto& group : x->groups) {
        interested_[group].push_back(x);
        auto& observers = observers_[group.observer->subject];
        if (std::ranges::find(observers, group.observer) == observers.end()) {
          observers.push_back(group.observer);
        }
      }
    }
  }

  void note(const shared_change& x) {
    ++count_;
    if (x->is_gap) {
      note_gap(*x->model);
    } else if (x->model == &signal_model()) {
      note_signal(x);
    } else if (auto found = observers_.find(x->model); found != observers_.end()) {
      for (const auto* observer : found->second) {
        if (is_watched(*x, *observer)) {
          note(x, *observer);
        }
      }
    }
  }

  // Which of the groups the rows are in that were not kept is not known.
  void note_gap(const model_descriptor& model) {
    for (auto& [group, jobs] : interested_) {
      if (&model_of(*group.observer) == &model) {
        std::ranges::for_each(jobs, &pass::give_up);
      }
    }
  }

  // Each sending is a row of its own, which is created.
  void note_signal(const shared_change& x) {
    const auto* known = find_durable_observer(signal_name(*x->after));
    auto found = known == nullptr ? observers_.end() : observers_.find(known->subject);
    if (found == observers_.end()) {
      return;
    }
    auto sent = known->durable->read(std::span{*x->after}.subspan(2));
    for (const auto* observer : found->second) {
      std::unordered_map<job*, sight> seen;
      look(*observer, observer->groups(sent.get()), &sight::after, seen);
      for (const auto& [who, sighted] : seen) {
        note(*who, {observer, x->key()}, x, false, true);
      }
    }
  }

  static void give_up(job* x) {
    x->is_too_many = true;
    x->sums.clear();
  }

  // Whether a job saw a row in one of its groups before a change, and after it.
  struct sight {
    bool before = false;
    bool after = false;
  };

  void look(const observer_descriptor& observer, const std::optional<record>& state,
            bool sight::* when, std::unordered_map<job*, sight>& to) const {
    if (state) {
      look(observer, observer.groups(&*state), when, to);
    }
  }

  void look(const observer_descriptor& observer, std::vector<std::string> keys, bool sight::* when,
            std::unordered_map<job*, sight>& to) const {
    for (auto& key : keys) {
      auto found = interested_.find(group_name{&observer, std::move(key)});
      if (found == interested_.end()) {
        continue;
      }
      for (auto* who : found->second) {
        to[who].*when = true;
      }
    }
  }

  // A row whose key changed goes under the old one, and comes under the new one.
  void note(const shared_change& x, const observer_descriptor& observer) {
    std::unordered_map<job*, sight> seen;
    look(observer, x->before, &sight::before, seen);
    look(observer, x->after, &sight::after, seen);
    auto known_by = x->before ? x->model->key_of(*x->before) : x->key();
    for (const auto& [who, sighted] : seen) {
      auto [before, after] = sighted;
      if (known_by == x->key()) {
        note(*who, {&observer, known_by}, x, before, after);
        continue;
      }
      if (before) {
        note(*who, {&observer, known_by}, x, true, false);
      }
      if (after) {
        note(*who, {&observer, x->key()}, x, false, true);
      }
    }
  }

  void note(job& of, const observed_row& which, const shared_change& x, bool before, bool after) {
    if (of.is_too_many) {
      return;
    }
    auto [place, is_new] = of.sums.try_emplace(which);
    auto& sum = place->second;
    sum.was_there = is_new ? before : sum.was_there;
    sum.is_there = after;
    sum.last = count_;
    sum.latest = x;
    if (of.sums.size() > limit_) {
      give_up(&of);
    }
  }

  // -- answers ------------------------------------------------------------------------------------

  void finish() {
    auto cut = db_->changes()->cut();
    for (auto& x : askers_) {
      x.done(answer_to(x, cut));
    }
    askers_.clear();
  }

  replay_ptr answer_to(const asker& x, const feed_position_ptr& cut) {
    try {
      if (x.refused || (x.of != nullptr && x.of->is_too_many)) {
        auto why = x.refused.value_or(replay::outcome::too_many);
        return std::make_shared<const replay>(replay{.result = why, .cut = cut});
      }
      if (reading_observer(x.question) != nullptr) {
        return read_for(x, cut);
      }
      if (!x.of->told) {
        x.of->told = told_to(*x.of, cut);
      }
      return x.of->told;
    } catch (...) {
      return std::make_shared<const replay>();
    }
  }

  replay_ptr told_to(const job& x, const feed_position_ptr& cut) {
    auto result = std::make_shared<replay>();
    result->result = replay::outcome::resumed;
    result->cut = cut;
    for (const auto* each : in_order(x.sums)) {
      result->changes.push_back(told(each->first, each->second));
    }
    return result;
  }

  replayed_change told(const observed_row& which, const row_sum& sum) {
    const auto& observer = *which.observer;
    replayed_change result{.observer = &observer, .kind = *sum.kind(), .key = which.key};
    if (observer.carries_values) {
      result.values = sum.latest->last();
    }
    if (result.kind == change_kind::remove) {
      result.text = detail::text_of_deletion(observer, which.key);
      return result;
    }
    auto& text = texts_[{&observer, sum.latest.get(), result.kind}];
    if (!text && observer.durable != nullptr) {
      auto sent = observer.durable->read(std::span{*sum.latest->after}.subspan(2));
      text = detail::text_of_event(observer, result.kind, observer.body(sent.get(), result.kind));
    }
    if (!text) {
      row shown{.values = *sum.latest->after};
      if (const auto& plan = observer.plan(); !plan.empty()) {
        db_->load(*sum.latest->model, shown, plan);
      }
      text = detail::text_of_event(observer, result.kind, observer.body(&shown, result.kind));
    }
    result.text = text;
    return result;
  }

  // What is read is what is there now, whatever the kinds of the changes.
  replay_ptr read_for(const asker& x, const feed_position_ptr& cut) {
    auto result = std::make_shared<replay>();
    result->result = replay::outcome::resumed;
    result->cut = cut;
    auto& changes = result->changes;
    const auto* reads = reading_observer(x.question);
    for (const auto& key : x.question.keys) {
      changes.push_back({.observer = reads, .key = key});
    }
    if (x.of != nullptr) {
      for (const auto* each : in_order(x.of->sums)) {
        const auto& [which, sum] = *each;
        if (which.observer->reading == nullptr) {
          changes.push_back(told(which, sum));
        } else if (std::ranges::find(x.question.keys, which.key) == x.question.keys.end()) {
          changes.push_back({.observer = which.observer, .key = which.key});
        }
      }
    }
    if (!x.question.reading) {
      std::erase_if(changes, [](const replayed_change& each) { return !each.text; });
      return result;
    }
    for (auto& each : changes) {
      if (!each.text) {
        read(each, x.question.reading);
      }
    }
    return result;
  }

  void read(replayed_change& x, const reading_function& reading) {
    unit_of_work unit{*db_, unit_of_work::access::read};
    auto result = unit.execute(reading(x.key));
    unit.commit();
    if (!result.error) {
      x.found = std::move(result.rows.front());
    } else if (result.error->code != store_errc::not_found) {
      throw store_failure(std::move(*result.error));
    }
    x.kind = x.found ? change_kind::update : change_kind::remove;
  }

  struct text_key {
    const observer_descriptor* observer;
    const change* of;
    change_kind kind;

    friend auto operator<=>(const text_key&, const text_key&) = default;
  };

  database* db_;
  std::size_t limit_;
  std::vector<asker> askers_;
  std::map<std::pair<std::uint64_t, std::vector<group_name>>, job> jobs_;
  // Those who do not take part yet, by their positions.
  std::multimap<std::uint64_t, job*> starts_;
  // Up to where the feed was read; nothing if nobody asks for that.
  std::optional<feed_position> at_;
  std::uint64_t count_ = 0;
  std::unordered_map<group_name, std::vector<job*>> interested_;
  std::unordered_map<const void*, std::vector<const observer_descriptor*>> observers_;
  std::map<text_key, event_text_ptr> texts_;
};

replayer::replayer(database& db, std::size_t limit) : db_(&db), limit_(limit) {}

replayer::~replayer() = default;

void replayer::ask(replay_question x, completion done) {
  waiting_.push_back({std::move(x), std::move(done)});
}

bool replayer::step() {
  if (!running_ && waiting_.empty()) {
    return false;
  }
  if (!running_) {
    running_ = std::make_unique<pass>(*db_, limit_, std::exchange(waiting_, {}));
  }
  try {
    if (running_->step()) {
      return true;
    }
  } catch (...) {
    running_->fail();
  }
  running_.reset();
  return !waiting_.empty();
}

} // namespace dcrf
