#include "dcrf/actors/node.hpp"

#include <memory>

namespace dcrf {

void node::group_send(std::string group, json_text message) const {
  auto sent = std::make_shared<group_message>();
  sent->target = {nullptr, std::move(group)};
  sent->text = std::make_shared<event_text>(std::move(message));
  server_->channels().publish(std::move(sent));
}

} // namespace dcrf
