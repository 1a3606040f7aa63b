#include "dcrf/session/internal/live_changes.hpp"

#include <cstddef>
#include <unordered_map>
#include <utility>

namespace dcrf {

namespace {

std::shared_ptr<const std::string> head_of(const event_text_ptr& x) { return {x, &x->str()}; }

// The changes of one commit: those of one row and one observer come to all groups of a
// subscription, and are told once.
struct told_change {
  const group_message* message;
  bool comes = false;
  bool goes = false;
};

std::vector<told_change> united(const std::vector<group_message_ptr>& whole) {
  std::vector<told_change> result;
  std::unordered_map<const live_event*, std::size_t> places;
  for (const auto& x : whole) {
    auto [place, is_new] = places.try_emplace(x->live.get(), result.size());
    if (is_new) {
      result.push_back({x.get()});
    }
    auto& change = result[place->second];
    change.comes = change.comes || x->kind != change_kind::remove;
    change.goes = change.goes || x->kind != change_kind::create;
  }
  return result;
}

struct text_of_kind {
  change_kind kind;
  event_text_ptr text;
};

// A row whose key changed goes under the old one, and comes under the new one.
std::vector<text_of_kind> texts_of(const told_change& x) {
  const auto& live = *x.message->live;
  if (x.goes && x.comes && !live.key_before) {
    return {{change_kind::update, live.update}};
  }
  std::vector<text_of_kind> result;
  if (x.goes) {
    result.push_back({change_kind::remove, live.remove});
  }
  if (x.comes) {
    result.push_back({change_kind::create, live.create});
  }
  return result;
}

// What a handler is told of a change, which may be another kind than that of one group.
group_message_ptr message_of(const group_message& from, const text_of_kind& x) {
  auto result = std::make_shared<group_message>(from);
  result->kind = x.kind;
  result->text = x.text;
  if (x.kind == change_kind::remove && from.live->key_before) {
    result->key = *from.live->key_before;
  }
  return result;
}

group_message_ptr message_of(const replayed_change& x) {
  auto result = std::make_shared<group_message>();
  result->target.observer = x.observer;
  result->kind = x.kind;
  result->key = x.key;
  result->values = x.values;
  result->text = x.text;
  return result;
}

} // namespace

std::vector<live_change> changes_of(const live_subscription& x) {
  std::vector<live_change> result;
  for (const auto& change : united(x.whole)) {
    for (const auto& each : texts_of(change)) {
      if (change.message->target.observer->handle != nullptr) {
        result.push_back({nullptr, message_of(*change.message, each)});
      } else {
        result.push_back({head_of(each.text), nullptr});
      }
    }
  }
  return result;
}

std::vector<live_change> changes_of(const replay& x, consumer& subject) {
  std::vector<live_change> result;
  for (const auto& change : x.changes) {
    if (change.observer->shown != nullptr) {
      if (auto head = change.observer->shown(subject, change)) {
        result.push_back({std::move(head), nullptr});
      }
    } else if (change.observer->handle != nullptr) {
      result.push_back({nullptr, message_of(change)});
    } else {
      result.push_back({head_of(change.text), nullptr});
    }
  }
  return result;
}

} // namespace dcrf
