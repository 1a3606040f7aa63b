#include "dcrf/actors/groups/internal/group_directory.hpp"

#include "dcrf/actors/groups/internal/group_table.hpp"
#include "dcrf/actors/messages.hpp"
#include "dcrf/groups/observer_descriptor.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace dcrf {

namespace {

// What a thread is given at once.
constexpr std::size_t most_messages = 256;

} // namespace

// Only changes of rows have a plan for what to load with them.
bool is_of_rows(const group_name& x) noexcept {
  return x.observer != nullptr && x.observer->plan != nullptr;
}

std::size_t group_directory::add(caf::actor groups) {
  std::unique_lock lock{mutex_};
  threads_.emplace_back(std::move(groups));
  return threads_.size() - 1;
}

void group_directory::clear() {
  std::unique_lock lock{mutex_};
  threads_.clear();
  members_.clear();
  observers_.clear();
}

void group_directory::enter(const group_name& x, std::size_t thread) {
  add(x, &places::threads, thread);
}

void group_directory::withdraw(const group_name& x, std::size_t thread) {
  remove(x, &places::threads, thread);
}

void group_directory::enter_node(const group_name& x, std::size_t node) {
  add(x, &places::nodes, node);
}

void group_directory::withdraw_node(const group_name& x, std::size_t node) {
  remove(x, &places::nodes, node);
}

void group_directory::add(const group_name& x, std::vector<std::size_t> places::* kind,
                          std::size_t number) {
  std::unique_lock lock{mutex_};
  auto& to = members_[x];
  if (to.empty()) {
    count(x.observer, true);
  }
  (to.*kind).push_back(number);
}

void group_directory::remove(const group_name& x, std::vector<std::size_t> places::* kind,
                             std::size_t number) {
  std::unique_lock lock{mutex_};
  auto found = members_.find(x);
  if (found == members_.end()) {
    return;
  }
  std::erase(found->second.*kind, number);
  if (found->second.empty()) {
    members_.erase(found);
    count(x.observer, false);
  }
}

void group_directory::links(group_links* x) {
  std::unique_lock lock{mutex_};
  links_ = x;
  if (x != nullptr) {
    return;
  }
  for (auto it = members_.begin(); it != members_.end();) {
    it->second.nodes.clear();
    if (it->second.empty()) {
      count(it->first.observer, false);
      it = members_.erase(it);
    } else {
      ++it;
    }
  }
}

// A group of the observer has got its first member, or has lost its last one.
void group_directory::count(const observer_descriptor* observer, bool is_new) {
  if (observer == nullptr) {
    return;
  }
  auto& observers = observers_[observer->subject];
  auto found = std::ranges::find(observers, observer, &observed_by::observer);
  if (found == observers.end()) {
    observers.push_back({observer, 1});
  } else if (is_new) {
    ++found->groups;
  } else if (--found->groups == 0) {
    observers.erase(found);
  }
}

std::vector<const observer_descriptor*> group_directory::observers_of(const void* subject) const {
  std::vector<const observer_descriptor*> result;
  std::shared_lock lock{mutex_};
  if (auto found = observers_.find(subject); found != observers_.end()) {
    for (const auto& x : found->second) {
      result.push_back(x.observer);
    }
  }
  return result;
}

bool group_directory::has_members(const group_name& x) const {
  std::shared_lock lock{mutex_};
  return members_.contains(x);
}

void group_directory::publish(group_message_ptr message) {
  std::shared_lock lock{mutex_};
  auto found = members_.find(message->target);
  if (found == members_.end()) {
    return;
  }
  send_to_threads(found->second, message);
  if (!found->second.nodes.empty()) {
    links_.load()->forward(*message, found->second.nodes);
  }
}

void group_directory::publish(std::vector<group_message_ptr> messages,
                              const feed_position_ptr& position) {
  if (messages.size() == 1 && !position) {
    publish(std::move(messages.front()));
    return;
  }
  std::vector<std::pair<std::size_t, std::vector<group_message_ptr>>> by_thread;
  std::shared_lock lock{mutex_};
  for (const auto& message : messages) {
    auto found = members_.find(message->target);
    if (found == members_.end()) {
      continue;
    }
    for (auto thread : found->second.threads) {
      auto at = std::ranges::find(by_thread, thread, [](const auto& x) { return x.first; });
      auto& to = at == by_thread.end() ? by_thread.emplace_back(thread, 0) : *at;
      to.second.push_back(message);
    }
    if (!found->second.nodes.empty()) {
      links_.load()->forward(*message, found->second.nodes);
    }
  }
  for (auto& [thread, all] : by_thread) {
    send(thread, std::move(all), position);
  }
}

void group_directory::publish(const position_tick& x) {
  std::shared_lock lock{mutex_};
  for (const auto& thread : threads_) {
    caf::anon_send(thread.groups, x);
  }
}

void group_directory::publish_here(const group_message_ptr& message) {
  std::shared_lock lock{mutex_};
  if (auto found = members_.find(message->target); found != members_.end()) {
    send_to_threads(found->second, message);
  }
}

void group_directory::publish_loss(const messages_lost& x) {
  std::shared_lock lock{mutex_};
  for (const auto& thread : threads_) {
    caf::anon_send(thread.groups, x);
  }
}

void group_directory::publish_gap(const std::string& node, const void* subject) {
  messages_lost lost{
      .node = node, .has_repositories = true, .of_rows_only = true, .subject = subject};
  publish_loss(lost);
  std::shared_lock lock{mutex_};
  for (const auto& [name, to] : members_) {
    if (is_of_rows(name) && lost.concerns(name.observer) && !to.nodes.empty()) {
      links_.load()->forward(*loss_message(name, node), to.nodes);
    }
  }
}

void group_directory::send_to_threads(const places& to, const group_message_ptr& message) {
  auto bytes = size_of(*message);
  for (auto thread : to.threads) {
    if (thread < threads_.size() && !leave_out(threads_[thread], {&message, 1}, bytes)) {
      caf::anon_send(threads_[thread].groups, message);
    }
  }
}

// Others of the thread have their turn between two parts of much.
void group_directory::send(std::size_t thread, std::vector<group_message_ptr> messages,
                           const feed_position_ptr& position) {
  if (thread >= threads_.size()) {
    return;
  }
  auto& to = threads_[thread];
  for (std::span<const group_message_ptr> rest{messages}; !rest.empty();) {
    auto part = rest.first(std::min(rest.size(), most_messages));
    rest = rest.subspan(part.size());
    std::size_t bytes = 0;
    for (const auto& x : part) {
      bytes += size_of(*x);
    }
    if (!leave_out(to, part, bytes)) {
      auto batch = std::make_shared<group_batch>();
      batch->messages.assign(part.begin(), part.end());
      batch->position = rest.empty() ? position : nullptr;
      caf::anon_send(to.groups, group_batch_ptr{std::move(batch)});
    }
  }
}

// Whether too much waits for the thread: its members are told what they have missed, then.
bool group_directory::leave_out(destination& to, std::span<const group_message_ptr> messages,
                                std::size_t bytes) {
  auto before = to.waiting.fetch_add(bytes, std::memory_order_relaxed);
  if (before == 0 || before + bytes <= most_waiting) {
    return false;
  }
  to.waiting.fetch_sub(bytes, std::memory_order_relaxed);
  std::lock_guard lock{to.mutex};
  bool is_told = !to.left_out.empty();
  for (const auto& x : messages) {
    to.left_out.insert(x->target);
  }
  if (!is_told) {
    caf::anon_send(to.groups, messages_left_out{});
  }
  return true;
}

void group_directory::taken(std::size_t thread, std::size_t bytes) noexcept {
  std::shared_lock lock{mutex_};
  if (thread < threads_.size()) {
    threads_[thread].waiting.fetch_sub(bytes, std::memory_order_relaxed);
  }
}

std::vector<group_name> group_directory::take_left_out(std::size_t thread) {
  std::shared_lock lock{mutex_};
  if (thread >= threads_.size()) {
    return {};
  }
  auto& from = threads_[thread];
  std::lock_guard own{from.mutex};
  auto taken = std::exchange(from.left_out, {});
  return {taken.begin(), taken.end()};
}

} // namespace dcrf
