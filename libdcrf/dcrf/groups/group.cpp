#include "dcrf/groups/group.hpp"

#include "dcrf/groups/live_list.hpp"
#include "dcrf/groups/replay.hpp"
#include "dcrf/protocol/response.hpp"

namespace dcrf {

std::string user_group(const key& user) { return "user " + to_string(user.get()); }

std::string_view to_string(change_kind kind) noexcept {
  switch (kind) {
  case change_kind::create:
    return "create";
  case change_kind::update:
    return "update";
  case change_kind::remove:
    return "delete";
  }
  return "";
}

event_text event_text::reply(const json_text& body, std::string_view action, std::int64_t status) {
  constexpr auto first = std::string_view{R"({"errors":[],"data":)"}.size();
  return {envelope_head("[]", body.str(), action, status), first, body.str().size()};
}

std::string_view reason_of(replay::outcome x) noexcept {
  switch (x) {
  case replay::outcome::resumed:
    return "resumed";
  case replay::outcome::expired:
    return "expired";
  case replay::outcome::unknown:
    return "unknown";
  case replay::outcome::too_many:
    return "too_many";
  case replay::outcome::failed:
    return "failed";
  }
  return "";
}

std::size_t size_of(const group_message& x) noexcept {
  auto result = sizeof(group_message) + x.target.key.size() + x.values.size() * sizeof(value);
  result += x.text ? sizeof(event_text) + x.text->str().size() : 0;
  if (is_of_list(x) && x.live) {
    result += sizeof(list_steps) + steps_of(x)->bytes;
  }
  for (const auto& field : x.values) {
    if (const auto* text = std::get_if<std::string>(&field)) {
      result += text->size();
    } else if (const auto* tree = std::get_if<json_text>(&field)) {
      result += tree->str().size();
    }
  }
  return result;
}

} // namespace dcrf
