#include "dcrf/actors/groups/internal/group_table.hpp"

#include "dcrf/actors/groups/internal/group_directory.hpp"
#include "dcrf/actors/messages.hpp"
#include "dcrf/groups/observer_descriptor.hpp"
#include "dcrf/json/json_writer.hpp"
#include "dcrf/protocol/response.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dcrf {

group_message_ptr loss_message(const group_name& x, const std::string& node) {
  std::string body;
  json_writer writer{body};
  writer.begin_object().key("node");
  node.empty() ? writer.null() : writer.text(node);
  writer.end_object();
  auto message = std::make_shared<group_message>();
  message->target = x;
  message->text = std::make_shared<event_text>(json_text::trusted(std::move(body)));
  message->is_loss = true;
  return message;
}

void group_table::join(const group_name& x, group_member& member, place& where,
                       std::uint64_t since) {
  auto [found, is_new] = groups_.try_emplace(x);
  auto& entries = found->second.entries;
  where.index = entries.size();
  entries.push_back({&member, &where, since});
  ++size_;
  if (is_new) {
    directory_->enter(x, thread_);
  }
}

void group_table::leave(const group_name& x, place& where) {
  auto found = groups_.find(x);
  if (found == groups_.end()) {
    return;
  }
  auto& from = found->second;
  --size_;
  if (from.is_broadcasting) {
    from.entries[where.index].member = nullptr;
    ++from.gaps;
    return;
  }
  remove(from, where.index);
  drop_if_empty(x, from);
}

void group_table::receive(const group_message_ptr& message) {
  directory_->taken(thread_, size_of(*message));
  broadcast(message);
}

void group_table::receive(const group_batch& x) {
  for (const auto& message : x.messages) {
    receive(message);
  }
  while (x.position && !in_commit_.empty()) {
    auto& member = in_commit_.front();
    in_commit_.pop_front();
    member.commit_ended(x.position);
  }
}

void group_table::receive_left_out() {
  for (const auto& name : directory_->take_left_out(thread_)) {
    broadcast(loss_message(name, {}));
  }
}

void group_table::reach(const position_tick& x) {
  for (auto it = live_.begin(); it != live_.end();) {
    auto& member = *it++;
    member.position_reached(x);
  }
}

void group_table::broadcast(const group_message_ptr& message) {
  auto found = groups_.find(message->target);
  if (found == groups_.end()) {
    return;
  }
  auto& to = found->second;
  to.is_broadcasting = true;
  shared_reads::period reading_together{reads_};
  // Those who join meanwhile come after the message.
  auto count = to.entries.size();
  for (std::size_t i = 0; i < count; ++i) {
    auto& entry = to.entries[i];
    bool is_older = message->version != 0 && message->version <= entry.since;
    if (entry.member == nullptr || is_older) {
      continue;
    }
    auto* member = entry.member;
    if (member->deliver(message) && !member->detail::commit_hook::is_linked()) {
      in_commit_.push_back(*member);
    }
  }
  to.is_broadcasting = false;
  close_gaps(to);
  drop_if_empty(message->target, to);
}

void group_table::broadcast_loss(const messages_lost& x) {
  std::vector<group_name> names;
  for (const auto& [name, members] : groups_) {
    auto is_meant = is_of_rows(name) ? x.has_repositories : !x.of_rows_only;
    if (is_meant && x.concerns(name.observer)) {
      names.push_back(name);
    }
  }
  for (const auto& name : names) {
    broadcast(loss_message(name, x.node));
  }
}

// The last entry takes the place of the one removed.
void group_table::remove(members& from, std::size_t index) {
  auto& last = from.entries.back();
  if (last.member != nullptr) {
    last.where->index = index;
  }
  from.entries[index] = last;
  from.entries.pop_back();
}

void group_table::close_gaps(members& from) {
  for (std::size_t i = from.entries.size(); from.gaps > 0 && i-- > 0;) {
    if (from.entries[i].member == nullptr) {
      remove(from, i);
      --from.gaps;
    }
  }
}

void group_table::drop_if_empty(const group_name& x, const members& from) {
  if (from.entries.empty()) {
    // `x` may be the key of the entry, so it is looked up before it goes.
    directory_->withdraw(x, thread_);
    groups_.erase(groups_.find(x));
  }
}

} // namespace dcrf
