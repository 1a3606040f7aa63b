#include "dcrf/actors/internal/feed_limits.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace dcrf {

namespace {

using std::chrono::milliseconds;

constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> times{
    {{"ms", 1}, {"s", 1'000}, {"min", 60'000}, {"h", 3'600'000}}};

constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> sizes{
    {{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}}};

// So that none of a limit's multiples is too large to be counted.
constexpr std::int64_t largest = 1'000'000'000'000;

std::int64_t factor_of(const auto& units, std::string_view unit) {
  auto found = std::ranges::find(units, unit, [](const auto& x) { return x.first; });
  return found == units.end() ? 0 : found->second;
}

bool read_limit(std::string_view text, feed_retention& to) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 1 || number > largest) {
    return false;
  }
  auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (unit.empty()) {
    to.entries = static_cast<std::uint64_t>(number);
    return true;
  }
  auto time = factor_of(times, unit);
  auto size = factor_of(sizes, unit);
  if (time + size == 0 || number > largest / (time + size)) {
    return false;
  }
  if (time != 0) {
    to.time = milliseconds{number * time};
  } else {
    to.bytes = static_cast<std::uint64_t>(number * size);
  }
  return true;
}

} // namespace

std::optional<feed_retention> read_retention(std::string_view text, feed_retention unsaid) {
  if (text == "off") {
    return feed_retention{.time = {}, .entries = 0, .bytes = 0};
  }
  auto result = unsaid;
  for (;;) {
    auto comma = text.find(',');
    if (!read_limit(text.substr(0, comma), result)) {
      return std::nullopt;
    }
    if (comma == std::string_view::npos) {
      return result;
    }
    text.remove_prefix(comma + 1);
  }
}

} // namespace dcrf
