#include "dcrf/observer/announcer.hpp"

#include "dcrf/json/json_writer.hpp"
#include "dcrf/observer/signal.hpp"
#include "dcrf/protocol/response.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dcrf {

namespace {

using group_keys = std::vector<std::string>;

bool contains(const group_keys& keys, const std::string& key) {
  return std::ranges::find(keys, key) != keys.end();
}

// An event reaches a group once, however often the observer names it.
group_keys without_repetitions(group_keys keys) {
  group_keys result;
  for (auto& key : keys) {
    if (!contains(result, key)) {
      result.push_back(std::move(key));
    }
  }
  return result;
}

struct addressed {
  change_kind kind;
  std::string key;
};

// Which groups learn what: those left a delete, those kept an update, those entered a create.
std::vector<addressed> addressees(const group_keys& before, const group_keys& after) {
  std::vector<addressed> result;
  for (const auto& key : before) {
    if (!contains(after, key)) {
      result.push_back({change_kind::remove, key});
    }
  }
  for (const auto& key : before) {
    if (contains(after, key)) {
      result.push_back({change_kind::update, key});
    }
  }
  for (const auto& key : after) {
    if (!contains(before, key)) {
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
      auto is_among = [](const std::vector<value>& keys, const row& one) {
        return std::ranges::find(keys, one.values.front()) != keys.end();
      };
      std::erase_if(found, [&](const row& one) {
        return is_among(done.came, one) || is_among(done.gone, one);
      });
      for (const auto& key : done.gone) {
        found.push_back({{key}});
      }
    }
  }
}

std::string head_of(const observer_descriptor& observer, change_kind kind, const json_text& body) {
  std::string action;
  append_json_string(action, observer.action.empty() ? to_string(kind) : observer.action);
  return envelope_head("[]", body.str(), action, 200);
}

} // namespace

void announcer::announce(std::span<const change> changes) {
  std::exception_ptr failure;
  for (const auto& x : changes) {
    if (auto failed = announce(x)) {
      failure = std::move(failed);
    }
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

// All messages are made before the first is sent: a change that waits for the database is announced
// as a whole later.
std::exception_ptr announcer::announce(const change& x) {
  std::exception_ptr failure;
  messages made;
  for (const auto* observer : channels_->observers_of(x.model)) {
    try {
      if (is_for(x, *observer)) {
        add_messages(x, *observer, made);
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
  for (auto& message : made) {
    channels_->publish(std::move(message));
  }
  return failure;
}

void announcer::add_messages(const change& x, const observer_descriptor& observer, messages& to) {
  auto before = groups_of(x, observer, moment::before);
  auto after = groups_of(x, observer, moment::after);
  // The row itself is as it was.
  auto only_moves = x.relation != nullptr && !observer.watches_relations;
  std::optional<row> source;
  std::optional<change_kind> body_kind;
  json_text body;
  for (auto& [kind, key] : addressees(before, after)) {
    group_name target{&observer, std::move(key)};
    if ((only_moves && kind == change_kind::update) || !channels_->has_members(target)) {
      continue;
    }
    if (!source) {
      source = loaded(x, observer.plan());
    }
    if (body_kind != kind) {
      body_kind = kind;
      body = observer.body(&*source, kind);
    }
    auto message = std::make_shared<group_message>();
    message->head = head_of(observer, kind, body);
    message->target = std::move(target);
    message->kind = kind;
    message->key = x.key();
    if (observer.carries_values) {
      message->values = x.last();
    }
    message->body = body;
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

// As it was when the change was made, if anybody watched then.
row announcer::loaded(const change& x, const fetch_plan& plan) {
  if (auto shown = std::ranges::find(x.shown, &plan, &change::loaded::plan);
      shown != x.shown.end()) {
    return shown->row;
  }
  row result{.values = x.last()};
  if (!plan.empty()) {
    database_->load(*x.model, result, plan, x.deleted_together.get());
  }
  return result;
}

namespace detail {

void send_to_observers(channel_layer& channels, const void* subject, const void* source) {
  for (const auto* observer : channels.observers_of(subject)) {
    std::optional<json_text> body;
    for (auto& key : without_repetitions(observer->groups(source))) {
      group_name target{observer, std::move(key)};
      if (!channels.has_members(target)) {
        continue;
      }
      if (!body) {
        body = observer->body(source, change_kind::create);
      }
      auto message = std::make_shared<group_message>();
      message->head = head_of(*observer, change_kind::create, *body);
      message->target = std::move(target);
      message->body = *body;
      channels.publish(std::move(message));
    }
  }
}

} // namespace detail

} // namespace dcrf
