#include "dcrf/view/view_permission.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace dcrf {

std::string method_of_action(std::string_view action) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> known{
      {{"create", "PUT"}, {"update", "PATCH"}, {"list", "GET"}, {"retrieve", "GET"}}};
  for (const auto& [name, method] : known) {
    if (name == action) {
      return std::string{method};
    }
  }
  std::string result{action};
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return result;
}

bool is_safe_method(std::string_view method) noexcept {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

} // namespace dcrf
