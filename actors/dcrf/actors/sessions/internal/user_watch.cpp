#include "dcrf/actors/sessions/internal/user_watch.hpp"

#include "dcrf/groups/group.hpp"
#include "dcrf/groups/observer_descriptor.hpp"
#include "dcrf/groups/observer_registry.hpp"
#include "dcrf/model/value.hpp"

#include <caf/send.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>
#include <utility>

namespace dcrf {

namespace {

// What it is an observer of, which is no model.
constexpr char subject_of_users = 0;

// Groups of an observer are not for applications to join or to send to.
const observer_descriptor& users() {
  static const auto result = [] {
    observer_descriptor descriptor;
    descriptor.name = "dcrf.users";
    descriptor.subject = &subject_of_users;
    return descriptor;
  }();
  return result;
}

const detail::observer_registration registered_users{&users};

group_name users_group() { return {.observer = &users(), .key = {}}; }

} // namespace

void tell_of_user(channel_layer& channels, const key& user, std::uint16_t close_code) {
  json body{{"user", to_string(user.get())}, {"code", close_code}};
  auto message = std::make_shared<group_message>();
  message->target = users_group();
  message->text = std::make_shared<event_text>(json_text{body});
  channels.publish(std::move(message));
}

user_watch::user_watch(caf::actor_config& config, pinning_unit& unit, group_actor groups,
                       const session_registry& sessions, std::function<void()> joined)
    : pinned_actor(config, unit),
      groups_(std::move(groups)),
      sessions_(&sessions),
      joined_(std::move(joined)) {
  registered_users.use();
}

caf::behavior user_watch::make_behavior() {
  request(groups_, caf::infinite, join_group{users_group()})
      .then([this](bool) { joined_(); },
            [](const caf::error&) { spdlog::error("users can't be revoked on this node"); });
  return {[this](const group_message_ptr& x) { tell_sessions(*x); }};
}

void user_watch::tell_sessions(const group_message& x) const {
  look_after_user told;
  if (!x.is_loss) {
    auto body = x.body().to_json();
    told.user = body.value("user", std::string{});
    told.close_code = body.value("code", std::uint16_t{0});
  }
  for (const auto& session : sessions_->sessions()) {
    caf::anon_send(session, told);
  }
}

} // namespace dcrf
