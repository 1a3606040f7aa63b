#include "dcrf/store/internal/dialect.hpp"

namespace dcrf::internal {

namespace {

std::string in_quotes(std::string_view text, char quote) {
  std::string result{quote};
  for (auto c : text) {
    result += c;
    if (c == quote) {
      result += c;
    }
  }
  result += quote;
  return result;
}

} // namespace

std::string quoted_name(std::string_view name) { return in_quotes(name, '"'); }
std::string quoted_text(std::string_view text) { return in_quotes(text, '\''); }

} // namespace dcrf::internal
