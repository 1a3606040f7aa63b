#include "dcrf/actors/groups/internal/group_broadcaster.hpp"

#include "dcrf/actors/groups/internal/group_directory.hpp"
#include "dcrf/actors/store/internal/repository_source.hpp"

#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <utility>

namespace dcrf {

/// An actor of the application as a member of groups.
class group_broadcaster::watcher final : public group_member {
public:
  watcher(io_services& services, caf::actor handle)
      : services_(&services), handle_(std::move(handle)) {}

  ~watcher() override {
    for (auto& [target, place] : places_) {
      leave(target, place);
    }
  }

  /// @returns whether it was no member before
  bool join(const group_name& x) {
    auto [found, is_new] = places_.try_emplace(x);
    if (is_new) {
      services_->groups.join(x, *this, found->second, services_->store.version());
    }
    return is_new;
  }

  void leave(const group_name& x) {
    if (auto found = places_.find(x); found != places_.end()) {
      leave(x, found->second);
      places_.erase(found);
    }
  }

  bool deliver(group_message_ptr message) override {
    caf::anon_send(handle_, std::move(message));
    return false;
  }

private:
  void leave(const group_name& x, group_table::place& place) {
    services_->groups.leave(x, place);
    services_->release(x);
  }

  io_services* services_;
  caf::actor handle_;
  std::unordered_map<group_name, group_table::place> places_;
};

group_broadcaster::group_broadcaster(caf::actor_config& config, pinning_unit& unit,
                                     io_services& services)
    : pinned_actor(config, unit), services_(&services) {}

group_broadcaster::~group_broadcaster() = default;

caf::behavior group_broadcaster::make_behavior() {
  set_down_handler([this](const caf::down_msg& x) { watchers_.erase(x.source); });
  return {
      [this](const group_message_ptr& x) { services_->groups.receive(x); },
      [this](const group_batch_ptr& x) { services_->groups.receive(*x); },
      [this](const position_tick& x) { services_->groups.reach(x); },
      [this](const messages_left_out&) { services_->groups.receive_left_out(); },
      [this](const messages_lost& x) { services_->groups.broadcast_loss(x); },
      [this](const join_group& x) { return join(x.target); },
      [this](const leave_group& x) {
        leave(x.target, caf::actor_cast<caf::actor_addr>(current_sender()));
      },
  };
}

// Where others make changes, the sender becomes a member when they know of it.
caf::result<bool> group_broadcaster::join(const group_name& x) {
  auto member = caf::actor_cast<caf::strong_actor_ptr>(current_sender());
  if (!member) {
    return false;
  }
  if (services_->holds_at_once(x)) {
    join(x, member);
    return true;
  }
  auto promise = make_response_promise<bool>();
  auto self = caf::actor_cast<caf::strong_actor_ptr>(this);
  pending_join waiting{caf::actor_cast<caf::actor_addr>(member), x, ++last_number_};
  joining_.insert(waiting);
  services_->hold(x, [this, self, waiting, member, promise] {
    services_->thread.post([this, self, waiting, member, promise]() mutable {
      bool is_wanted = joining_.erase(waiting) > 0;
      if (!is_wanted || !join(waiting.target, member)) {
        services_->release(waiting.target);
      }
      promise.deliver(is_wanted);
    });
  });
  return promise;
}

bool group_broadcaster::join(const group_name& x, const caf::strong_actor_ptr& member) {
  auto& found = watchers_[caf::actor_cast<caf::actor_addr>(member)];
  if (!found) {
    found = std::make_unique<watcher>(*services_, caf::actor_cast<caf::actor>(member));
    monitor(member);
  }
  return found->join(x);
}

void group_broadcaster::leave(const group_name& x, const caf::actor_addr& member) {
  if (auto found = watchers_.find(member); found != watchers_.end()) {
    found->second->leave(x);
  }
  auto is_of_member = [&](const pending_join& y) { return y.member == member && y.target == x; };
  auto waiting = joining_.lower_bound({member, x, 0});
  while (waiting != joining_.end() && is_of_member(*waiting)) {
    waiting = joining_.erase(waiting);
  }
}

void group_broadcaster::on_exit() {
  watchers_.clear();
  joining_.clear();
}

} // namespace dcrf
