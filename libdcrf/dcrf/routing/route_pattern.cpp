#include "dcrf/routing/route_pattern.hpp"

#include "dcrf/model/uuid.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace dcrf {

namespace {

// In the form with hyphens.
constexpr std::size_t uuid_length = 36;

constexpr auto nowhere = std::string_view::npos;

bool is_decimal(char c) { return c >= '0' && c <= '9'; }

bool is_slug(char c) {
  return is_decimal(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

} // namespace

route_pattern::route_pattern(std::string_view pattern) : text_(pattern) {
  if (!pattern.starts_with('/')) {
    throw std::invalid_argument("a route starts with '/': " + text_);
  }
  while (!pattern.empty()) {
    auto open = std::min(pattern.find('<'), pattern.size());
    if (open > 0) {
      parts_.push_back({converter::literal, std::string{pattern.substr(0, open)}});
      pattern.remove_prefix(open);
      continue;
    }
    auto close = pattern.find('>');
    if (close == pattern.npos) {
      throw std::invalid_argument("a '<' without '>' in the route " + text_);
    }
    parts_.push_back(parameter(pattern.substr(1, close - 1)));
    pattern.remove_prefix(close + 1);
  }
}

bool route_pattern::matches_as(const route_pattern& other) const noexcept {
  return std::ranges::equal(parts_, other.parts_, [](const part& lhs, const part& rhs) {
    return lhs.kind == rhs.kind && (lhs.kind != converter::literal || lhs.text == rhs.text);
  });
}

route_pattern::part route_pattern::parameter(std::string_view definition) {
  static constexpr std::array<std::pair<std::string_view, converter>, 5> converters{
      {{"str", converter::str},
       {"int", converter::integer},
       {"slug", converter::slug},
       {"uuid", converter::uuid},
       {"path", converter::path}}};
  auto colon = definition.find(':');
  auto kind = colon == definition.npos ? std::string_view{"str"} : definition.substr(0, colon);
  auto name = colon == definition.npos ? definition : definition.substr(colon + 1);
  auto found = std::ranges::find(converters, kind, [](const auto& x) { return x.first; });
  if (found == converters.end() || name.empty()) {
    throw std::invalid_argument("no parameter of a route: <" + std::string{definition} + ">");
  }
  return {found->second, std::string{name}};
}

// How much of the beginning of a text a part can take; 0 if nothing.
std::size_t route_pattern::longest(const part& x, std::string_view text) {
  auto prefix = [&](auto&& fits) {
    auto end = std::ranges::find_if_not(text, fits);
    return static_cast<std::size_t>(end - text.begin());
  };
  switch (x.kind) {
  case converter::literal:
    return text.starts_with(x.text) ? x.text.size() : 0;
  case converter::str:
    return prefix([](char c) { return c != '/'; });
  case converter::integer:
    return prefix(is_decimal);
  case converter::slug:
    return prefix(is_slug);
  case converter::uuid: {
    auto start = text.substr(0, uuid_length);
    auto parsed = uuid::parse(start);
    return parsed && parsed->to_string() == start ? uuid_length : 0;
  }
  case converter::path:
    return text.size();
  }
  return 0;
}

std::size_t route_pattern::shortest(const part& x) noexcept {
  switch (x.kind) {
  case converter::literal:
    return x.text.size();
  case converter::uuid:
    return uuid_length;
  default:
    return 1;
  }
}

// Where a part ends that starts at `start` and can reach until `reach`, so that the rest of the
// pattern matches; nowhere if it can't.
std::size_t route_pattern::end_of(const part& x, std::size_t start, std::size_t reach,
                                  const std::size_t* rest) noexcept {
  auto end = rest[reach];
  return end != nowhere && end >= start + shortest(x) ? end : nowhere;
}

// For each position of a path, finds the last one up to it from where a part and what follows
// match. `rest` is the same for what follows.
void route_pattern::find_starts(const part& x, std::string_view path, const std::size_t* rest,
                                std::size_t* starts) {
  bool is_run = x.kind != converter::literal && x.kind != converter::uuid;
  auto last = nowhere;
  std::size_t reach = 0;
  for (std::size_t i = 0; i <= path.size(); ++i) {
    // What may be of any length reaches as far from within as from its beginning.
    if (!is_run || reach <= i) {
      reach = i + longest(x, path.substr(i));
    }
    last = end_of(x, i, reach, rest) != nowhere ? i : last;
    starts[i] = last;
  }
}

std::optional<scope::pairs> route_pattern::match(std::string_view path) const {
  if (!path.starts_with(parts_.front().text)) {
    return std::nullopt;
  }
  // From the end, so that no position is looked at twice, however a hostile path is made.
  auto width = path.size() + 1;
  std::vector<std::size_t> starts((parts_.size() + 1) * width, nowhere);
  starts.back() = path.size();
  for (auto i = parts_.size(); i-- > 0;) {
    find_starts(parts_[i], path, &starts[(i + 1) * width], &starts[i * width]);
  }
  scope::pairs found;
  std::size_t position = 0;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const auto& part = parts_[i];
    auto reach = position + longest(part, path.substr(position));
    auto end = end_of(part, position, reach, &starts[(i + 1) * width]);
    if (end == nowhere) {
      return std::nullopt;
    }
    if (part.kind != converter::literal) {
      found.emplace_back(part.text, path.substr(position, end - position));
    }
    position = end;
  }
  return found;
}

} // namespace dcrf
