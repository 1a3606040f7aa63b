#include "dcrf/groups/group.hpp"

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

} // namespace dcrf
