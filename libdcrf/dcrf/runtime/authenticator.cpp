#include "dcrf/runtime/authenticator.hpp"

#include <algorithm>
#include <cctype>

namespace dcrf {

namespace {

constexpr std::string_view scheme = "bearer ";
constexpr std::string_view in_subprotocol = "dcrf.bearer.";

bool starts_with_scheme(std::string_view text) {
  auto same = [](char a, unsigned char b) { return a == std::tolower(b); };
  return text.size() > scheme.size()
         && std::equal(scheme.begin(), scheme.end(), text.begin(), same);
}

} // namespace

std::optional<std::string_view> bearer_token(const scope& connection) {
  if (auto header = connection.header("authorization"); header && starts_with_scheme(*header)) {
    auto token = header->substr(scheme.size());
    return token.substr(std::min(token.find_first_not_of(' '), token.size()));
  }
  for (auto name : connection.subprotocols()) {
    if (name.starts_with(in_subprotocol)) {
      return name.substr(in_subprotocol.size());
    }
  }
  return std::nullopt;
}

} // namespace dcrf
