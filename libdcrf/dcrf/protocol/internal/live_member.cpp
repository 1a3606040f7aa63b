#include "dcrf/protocol/internal/live_member.hpp"

#include <fmt/format.h>

namespace dcrf::internal {

// A position has no character that JSON escapes.
std::string at_member(const feed_position& x) { return fmt::format(R"("at":"{}")", x.text); }

std::string live_tail(std::string_view members) {
  return fmt::format(R"(,"live":{{{}}}}})", members);
}

} // namespace dcrf::internal
