#include "errors.hpp"

#include <algorithm>
#include <cstdio>
#include <map>

namespace load {

void show(const char* kind, std::string_view message) {
  constexpr int shown_of_a_kind = 3;
  constexpr std::size_t longest = 300;
  static std::map<std::string_view, int> shown;
  if (shown[kind]++ < shown_of_a_kind) {
    std::fprintf(stderr, "dcrf-load: %s: %.*s\n", kind, int(std::min(longest, message.size())),
                 message.data());
  }
}

} // namespace load
