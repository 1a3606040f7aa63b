#include "dcrf/observer/internal/announcer.hpp"

#include "dcrf/groups/observer_registry.hpp"
#include "dcrf/observer/internal/event_text.hpp"
#include "dcrf/observer/signal.hpp"
#include "dcrf/store/internal/row_key.hpp"
#include "dcrf/store/internal/signal_model.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace dcrf {

namespace {

using group_keys = std::vector<std::string>;

// Whether a key is among others, which may be those of all users of a room: many of them are not
// searched one by one, and few make no table.
class key_lookup {
public:
  explicit key_lookup(const group_keys& keys) : keys_(&keys) {
    if (keys.size() > few) {
      table_.insert(keys.begin(), keys.end());
    }
  }

  [[nodiscard]] bool contains(const std::string& key) const {
    return keys_->size() > few ? table_.contains(key)
                               : std::ranges::find(*keys_, key) != keys_->end();
  }

private:
  static constexpr std::size_t few = 8;

  const group_keys* keys_;
  std::unordered_set<std::string_view> table_;
};

// An event reaches a group once, however often the observer names it. The order stays.
group_keys without_repetitions(group_keys keys) {
  if (keys.size() > 1) {
    std::unordered_set<std::string> seen;
    std::erase_if(keys, [&seen](const std::string& key) { return !seen.insert(key).second; });
  }
  return keys;
}

struct addressed {
  change_kind kind;
  std::string key;
};

// Which groups learn what: those left a delete, those kept an update, those entered a create.
std::vector<addressed> addressees(const group_keys& before, const group_keys& after) {
  std::vector<addressed> result;
  key_lookup was{before};
  key_lookup is{after};
  for (const auto& key : before) {
    if (!is.contains(key)) {
      result.push_back({change_kind::remove, key});
    }
  }
  for (const auto& key : before) {
    if (is.contains(key)) {
      result.push_back({change_kind::update, key});
    }
  }
  for (const auto& key : after) {
    if (!was.contains(key)) {
      result.push_back({change_kind::create, key});
    }
  }
  return result;
}

bool is_over(const fetch& x, const change::link_change& links) {
  auto side = links.reverse ? fetch::side::sources : fetch::side::targets;
  return x.kind == side && x.relation == links.relation;
}

// Whether the change of a relation may move its row from one group of the observer to another.
bool moves_groups(const change& x, const observer_descriptor& observer) {
  auto moves = [&x](const fetch& each) {
    return std::ranges::any_of(x.links,
                               [&each](const auto& links) { return is_over(each, links); });
  };
  return observer.group_plan != nullptr && std::ranges::any_of(observer.group_plan(), moves);
}

bool is_for(const change& x, const observer_descriptor& observer) {
  return x.relation == nullptr || observer.watches_relations || moves_groups(x, observer);
}

// Whether the row refers to other rows than before by what the plan follows.
bool refers_elsewhere(const change& x, const fetch_plan& plan) {
  return x.before && x.after && std::ranges::any_of(plan, [&x](const fetch& each) {
           return each.kind == fetch::side::foreign_key
                  && (*x.before)[each.field] != (*x.after)[each.field];
         });
}

// Takes back what became of the relations that the plan goes over.
void undo(const std::vector<change::link_change>& links, const fetch_plan& plan, row& x) {
  for (std::size_t i = 0; i < plan.size(); ++i) {
    for (const auto& done : links) {
      if (!is_over(plan[i], done)) {
        continue;
      }
      auto& found = x.related[i];
      std::unordered_set<value, internal::key_hash> changed{done.came.begin(), done.came.end()};
      changed.insert(done.gone.begin(), done.gone.end());
      std::erase_if(found,
                    [&changed](const row& one) { return changed.contains(one.values.front()); });
      for (const auto& key : done.gone) {
        found.push_back({{key}});
      }
    }
  }
}

} // namespace

// One change as an observer tells of it. What is not told to anybody is not made.
class announcer::event {
public:
  event(announcer& owner, const change& x, const observer_descriptor& observer)
      : owner_(&owner), change_(&x), observer_(&observer) {}

  event_text_ptr text(change_kind kind) {
    auto& result = texts_[static_cast<std::size_t>(kind)];
    if (!result) {
      if (!source_) {
        source_ = owner_->loaded(*change_, observer_->plan());
      }
      result = detail::text_of_event(*observer_, kind, observer_->body(&*source_, kind));
    }
    return result;
  }

  // What those in several groups may be told, and those who know the row by a key that is gone.
  std::shared_ptr<const live_event> live(const std::vector<addressed>& told,
                                         const feed_position_ptr& position) {
    auto result = std::make_shared<live_event>();
    result->position = position;
    auto known_by = change_->before ? change_->model->key_of(*change_->before) : change_->key();
    if (known_by != change_->key()) {
      result->key_before = known_by;
    }
    auto is_told = [&](change_kind x) {
      return std::ranges::find(told, x, &addressed::kind) != told.end();
    };
    auto comes = is_told(change_kind::create) || is_told(change_kind::update);
    auto goes = is_told(change_kind::remove) || is_told(change_kind::update);
    if (is_told(change_kind::create) || (comes && result->key_before)) {
      result->create = text(change_kind::create);
    }
    if (comes && goes && !result->key_before) {
      result->update = text(change_kind::update);
    }
    if (goes) {
      result->remove = detail::text_of_deletion(*observer_, known_by);
    }
    return result;
  }

private:
  announcer* owner_;
  const change* change_;
  const observer_descriptor* observer_;
  std::optional<row> source_;
  std::array<event_text_ptr, 3> texts_;
};

void announcer::announce(std::span<const change> changes, const feed_position_ptr& position) {
  std::exception_ptr failure;
  messages made;
  for (const auto& x : changes) {
    read_.clear();
    if (auto failed = add_messages(x, position, made)) {
      failure = std::move(failed);
    }
  }
  read_.clear();
  if (!made.empty()) {
    channels_->publish(std::move(made), position);
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

// All messages are made before the first is sent: a change that waits for the database is announced
// as a whole later.
std::exception_ptr announcer::add_messages(const change& x, const feed_position_ptr& position,
                                           messages& to) {
  std::exception_ptr failure;
  if (x.model == &signal_model()) {
    try {
      add_signal(x, position, to);
    } catch (...) {
      failure = std::current_exception();
    }
    return failure;
  }
  for (const auto* observer : channels_->observers_of(x.model)) {
    try {
      if (is_for(x, *observer)) {
        add_messages(x, *observer, position, to);
      }
    } catch (const store_failure& e) {
      if (e.error().code == store_errc::unavailable) {
        throw;
      }
      failure = std::current_exception();
    } catch (...) {
      failure = std::current_exception();
    }
  }
  return failure;
}

void announcer::add_messages(const change& x, const observer_descriptor& observer,
                             const feed_position_ptr& position, messages& to) {
  auto before = groups_of(x, observer, moment::before);
  auto after = groups_of(x, observer, moment::after);
  // The row itself is as it was.
  auto only_moves = x.relation != nullptr && !observer.watches_relations;
  auto told = addressees(before, after);
  std::erase_if(told, [&](const addressed& each) {
    return (only_moves && each.kind == change_kind::update)
           || !channels_->has_members(group_name{&observer, each.key});
  });
  event source{*this, x, observer};
  std::shared_ptr<const live_event> live;
  if (position && !told.empty() && channels_->live() > 0) {
    live = source.live(told, position);
  }
  for (auto& [kind, key] : told) {
    auto message = std::make_shared<group_message>();
    message->target = {&observer, std::move(key)};
    message->kind = kind;
    message->key = x.key();
    if (observer.carries_values) {
      message->values = x.last();
    }
    message->text = source.text(kind);
    message->live = live;
    message->version = x.version;
    to.push_back(std::move(message));
  }
}

void announcer::add_signal(const change& x, const feed_position_ptr& position, messages& to) {
  const auto* known = find_durable_observer(signal_name(*x.after));
  if (known == nullptr) {
    return;
  }
  auto sent = known->durable->read(std::span{*x.after}.subspan(2));
  for (const auto* observer : channels_->observers_of(known->subject)) {
    add_signal(x, *observer, sent.get(), position, to);
  }
}

void announcer::add_signal(const change& x, const observer_descriptor& observer, const void* sent,
                           const feed_position_ptr& position, messages& to) {
  event_text_ptr text;
  std::shared_ptr<live_event> live;
  for (auto& key : without_repetitions(observer.groups(sent))) {
    group_name target{&observer, std::move(key)};
    if (!channels_->has_members(target)) {
      continue;
    }
    if (!text) {
      text = detail::text_of_event(observer, change_kind::create,
                                   observer.body(sent, change_kind::create));
    }
    if (!live && position && channels_->live() > 0) {
      live = std::make_shared<live_event>(live_event{.position = position, .create = text});
    }
    auto message = std::make_shared<group_message>();
    message->target = std::move(target);
    message->text = text;
    message->live = live;
    message->version = x.version;
    to.push_back(std::move(message));
  }
}

std::vector<const fetch_plan*> announcer::plans_of(const change& x) const {
  std::vector<const fetch_plan*> result;
  for (const auto* observer : channels_->observers_of(x.model)) {
    const auto& plan = observer->plan();
    if (!plan.empty() && is_for(x, *observer) && std::ranges::find(result, &plan) == result.end()
        && (has_members(*observer, x.before) || has_members(*observer, x.after))) {
      result.push_back(&plan);
    }
  }
  return result;
}

std::vector<const fetch_plan*> announcer::group_plans_of(const change& x) const {
  std::vector<const fetch_plan*> result;
  for (const auto* observer : channels_->observers_of(x.model)) {
    if (observer->group_plan != nullptr && is_for(x, *observer)
        && std::ranges::find(result, &observer->group_plan()) == result.end()) {
      result.push_back(&observer->group_plan());
    }
  }
  return result;
}

group_keys announcer::groups_of(const change& x, const observer_descriptor& observer, moment when) {
  const auto& state = when == moment::before ? x.before : x.after;
  if (!state) {
    return {};
  }
  auto result = observer.groups(&*state);
  if (observer.group_plan != nullptr) {
    std::ranges::move(observer.linked_groups(linked_rows(x, observer.group_plan(), when)),
                      std::back_inserter(result));
  }
  return without_repetitions(std::move(result));
}

// A row that referred elsewhere before was in the groups that the rows there say now.
row announcer::linked_rows(const change& x, const fetch_plan& plan, moment when) {
  row result;
  if (when == moment::before && refers_elsewhere(x, plan)) {
    result.values = *x.before;
    database_->load(*x.model, result, plan, nullptr);
  } else {
    result = loaded(x, plan);
  }
  if (when == moment::before) {
    undo(x.links, plan, result);
  }
  return result;
}

// Which groups other rows say is not known before these are loaded.
bool announcer::has_members(const observer_descriptor& observer,
                            const std::optional<record>& state) const {
  if (state && observer.group_plan != nullptr) {
    return true;
  }
  auto keys = state ? observer.groups(&*state) : group_keys{};
  return std::ranges::any_of(keys, [&](auto& key) {
    return channels_->has_members(group_name{&observer, std::move(key)});
  });
}

// As it was when the change was made, if anybody watched then. Several observers may go by the
// same, and each by what was before and what is after.
row announcer::loaded(const change& x, const fetch_plan& plan) {
  for (const auto* known : {&x.shown, &std::as_const(read_)}) {
    if (auto found = std::ranges::find(*known, &plan, &change::loaded::plan);
        found != known->end()) {
      return found->row;
    }
  }
  row result{.values = x.last()};
  if (!plan.empty()) {
    database_->load(*x.model, result, plan, x.deleted_together.get());
    read_.push_back({&plan, result});
  }
  return result;
}

namespace detail {

void send_to_observers(channel_layer& channels, const void* subject, const void* source) {
  for (const auto* observer : channels.observers_of(subject)) {
    event_text_ptr text;
    for (auto& key : without_repetitions(observer->groups(source))) {
      group_name target{observer, std::move(key)};
      if (!channels.has_members(target)) {
        continue;
      }
      if (!text) {
        text = text_of_event(*observer, change_kind::create,
                             observer->body(source, change_kind::create));
      }
      auto message = std::make_shared<group_message>();
      message->target = std::move(target);
      message->text = text;
      channels.publish(std::move(message));
    }
  }
}

} // namespace detail

} // namespace dcrf
