#include "dcrf/observer/announcer.hpp"

#include "dcrf/consumer/response.hpp"
#include "dcrf/json/json_writer.hpp"
#include "dcrf/observer/signal.hpp"

#include <algorithm>
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

std::string head_of(const observer_descriptor& observer, change_kind kind, const json_text& body) {
  std::string action;
  append_json_string(action, observer.action.empty() ? to_string(kind) : observer.action);
  return envelope_head("[]", body.str(), action, 200);
}

} // namespace

void announcer::announce(std::span<const change> changes) {
  for (const auto& x : changes) {
    for (const auto* observer : channels_->observers_of(x.model)) {
      if (x.relation == nullptr || observer->watches_relations) {
        announce(x, *observer);
      }
    }
  }
}

void announcer::announce(const change& x, const observer_descriptor& observer) {
  auto before = x.before ? observer.groups(&*x.before) : group_keys{};
  auto after = x.after ? observer.groups(&*x.after) : group_keys{};
  std::optional<row> source;
  json_text body;
  for (auto& [kind, key] : addressees(before, after)) {
    group_name target{&observer, std::move(key)};
    if (!channels_->has_members(target)) {
      continue;
    }
    if (!source) {
      source = loaded(x, observer.plan());
      body = observer.body(&*source, kind);
    }
    auto message = std::make_shared<group_message>();
    message->head = head_of(observer, kind, body);
    message->target = std::move(target);
    message->kind = kind;
    message->key = x.key();
    message->body = body;
    message->version = x.version;
    channels_->publish(std::move(message));
  }
}

row announcer::loaded(const change& x, const fetch_plan& plan) {
  row result{.values = x.last};
  if (!plan.empty()) {
    database_->load(*x.model, result, plan);
  }
  return result;
}

namespace detail {

void send_to_observers(channel_layer& channels, const void* subject, const void* source) {
  for (const auto* observer : channels.observers_of(subject)) {
    std::optional<json_text> body;
    for (auto& key : observer->groups(source)) {
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
