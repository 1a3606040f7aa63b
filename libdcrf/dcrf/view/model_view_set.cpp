#include "dcrf/view/model_view_set.hpp"

#include <algorithm>

namespace dcrf::detail {

std::vector<view_set_action> standard_view_actions(const std::vector<std::string_view>& offered) {
  struct standard {
    std::string_view of_consumers;
    view_set_action action;
  };
  static const standard known[] = {
      {"list", {"list", "GET", false, {}, &call_view_method<&view_set::list>}},
      {"create", {"create", "POST", false, {}, &call_view_method<&view_set::create>}},
      {"retrieve", {"retrieve", "GET", true, {}, &call_view_method<&view_set::retrieve>}},
      {"update", {"update", "PUT", true, {}, &call_view_method<&view_set::update>}},
      {"patch",
       {"partial_update", "PATCH", true, {}, &call_view_method<&view_set::partial_update>}},
      {"delete", {"destroy", "DELETE", true, {}, &call_view_method<&view_set::destroy>}}};
  std::vector<view_set_action> result;
  for (const auto& x : known) {
    if (offered.empty() || std::ranges::find(offered, x.of_consumers) != offered.end()) {
      result.push_back(x.action);
    }
  }
  return result;
}

std::vector<view_set_action> joined(std::vector<view_set_action> standard,
                                    const std::vector<view_set_action>& own) {
  standard.insert(standard.end(), own.begin(), own.end());
  return standard;
}

} // namespace dcrf::detail
