#include "client/json.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "client/errors.hpp"

namespace client {

namespace {

// Servers take 1,000 levels, and put a few around them; the stack bears more than this.
constexpr int deepest = 1100;

int depth(std::string_view text) {
  int now = 0;
  int most = 0;
  bool is_text = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    switch (text[at]) {
    case '"':
      is_text = !is_text;
      break;
    case '\\':
      at += is_text ? 1 : 0;
      break;
    case '[':
    case '{':
      now += is_text ? 0 : 1;
      most = std::max(most, now);
      break;
    case ']':
    case '}':
      now -= is_text ? 0 : 1;
      break;
    default:
      break;
    }
  }
  return most;
}

} // namespace

json parse_json(std::string_view text) {
  if (depth(text) > deepest) {
    throw usage_error{"JSON is nested too deeply"};
  }
  try {
    return json::parse(text);
  } catch (const json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 8: …"
    std::string_view what = error.what();
    constexpr std::string_view opening = "parse error at ";
    auto start = what.find(opening);
    what.remove_prefix(start == std::string_view::npos ? 0 : start + opening.size());
    throw usage_error{fmt::format("not JSON: {}", what)};
  }
}

} // namespace client
