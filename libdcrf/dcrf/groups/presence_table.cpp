#include "dcrf/groups/presence_table.hpp"

#include "dcrf/json/json_writer.hpp"

#include <algorithm>
#include <memory>

namespace dcrf {

presence_table::entered presence_table::enter(std::string key, std::string who) {
  std::lock_guard lock{mutex_};
  auto number = ++last_number_;
  auto& x = here_.emplace(number, entry{std::move(key), std::move(who)}).first->second;
  bool is_first = add(x);
  if (tell_) {
    tell_(number, &x);
  }
  return {number, is_first};
}

void presence_table::leave(std::uint64_t number) {
  std::lock_guard lock{mutex_};
  if (auto left = here_.extract(number)) {
    remove(left.mapped());
    if (tell_) {
      tell_(number, nullptr);
    }
  }
}

std::vector<json_text> presence_table::list(const std::string& key) const {
  std::lock_guard lock{mutex_};
  std::vector<json_text> result;
  if (auto found = present_.find(key); found != present_.end()) {
    for (const auto& [who, times] : found->second) {
      result.push_back(json_text::trusted(who));
    }
  }
  return result;
}

void presence_table::watch(std::function<void(const std::string& key)> x) {
  std::lock_guard lock{mutex_};
  changed_ = std::move(x);
}

// -- other nodes ----------------------------------------------------------------------------------

void presence_table::tell(tell_function x) {
  std::lock_guard lock{mutex_};
  tell_ = std::move(x);
}

std::map<std::uint64_t, presence_table::entry> presence_table::entries_here() const {
  std::lock_guard lock{mutex_};
  return here_;
}

void presence_table::came(std::size_t node, std::uint64_t number, entry x) {
  std::lock_guard lock{mutex_};
  // A node tells of an entry twice that came while the link was made.
  auto [found, is_new] = elsewhere_[node].emplace(number, std::move(x));
  if (is_new) {
    add(found->second);
  }
}

void presence_table::went(std::size_t node, std::uint64_t number) {
  std::lock_guard lock{mutex_};
  if (auto left = elsewhere_[node].extract(number)) {
    remove(left.mapped());
  }
}

void presence_table::forget(std::size_t node) {
  std::lock_guard lock{mutex_};
  if (auto lost = elsewhere_.extract(node)) {
    for (const auto& [number, x] : lost.mapped()) {
      remove(x);
    }
  }
}

// -- who comes and goes ---------------------------------------------------------------------------

bool presence_table::add(const entry& x) {
  auto& people = present_[x.key];
  auto found = std::ranges::find(people, x.who, &people::value_type::first);
  if (found != people.end()) {
    ++found->second;
    return false;
  }
  people.emplace_back(x.who, 1);
  publish(x, "join");
  return true;
}

void presence_table::remove(const entry& x) {
  auto at = present_.find(x.key);
  auto& people = at->second;
  auto found = std::ranges::find(people, x.who, &people::value_type::first);
  if (--found->second > 0) {
    return;
  }
  people.erase(found);
  if (people.empty()) {
    present_.erase(at);
  }
  publish(x, "leave");
}

void presence_table::publish(const entry& x, const char* event) {
  if (changed_) {
    changed_(x.key);
  }
  std::string body;
  json_writer writer{body};
  writer.begin_object();
  writer.key("presence").text(x.key);
  writer.key("event").text(event);
  writer.key("who").raw(x.who);
  writer.end_object();
  auto message = std::make_shared<group_message>();
  message->target = {nullptr, group_of(x.key)};
  message->text = std::make_shared<event_text>(json_text::trusted(std::move(body)));
  publish_(std::move(message));
}

} // namespace dcrf
