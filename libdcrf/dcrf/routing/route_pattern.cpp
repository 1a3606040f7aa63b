#include "dcrf/routing/route_pattern.hpp"

#include "dcrf/model/uuid.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace dcrf {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_slug(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
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

bool route_pattern::matches(converter kind, std::string_view text) {
  if (text.empty()) {
    return false;
  }
  switch (kind) {
    case converter::str: return text.find('/') == text.npos;
    case converter::integer: return std::ranges::all_of(text, is_digit);
    case converter::slug: return std::ranges::all_of(text, is_slug);
    case converter::uuid: {
      auto parsed = uuid::parse(text);
      return parsed && parsed->to_string() == text;
    }
    case converter::path: return true;
    case converter::literal: break;
  }
  return false;
}

std::optional<scope::pairs> route_pattern::match(std::string_view path) const {
  scope::pairs found;
  if (!match_from(0, path, found)) {
    return std::nullopt;
  }
  return found;
}

// Parameters take as much as they can, and give back where the rest does not match then.
bool route_pattern::match_from(std::size_t index, std::string_view rest,
                               scope::pairs& found) const {
  if (index == parts_.size()) {
    return rest.empty();
  }
  const auto& [kind, text] = parts_[index];
  if (kind == converter::literal) {
    return rest.starts_with(text) && match_from(index + 1, rest.substr(text.size()), found);
  }
  auto longest = kind == converter::path ? rest.size() : std::min(rest.find('/'), rest.size());
  for (auto length = longest; length > 0; --length) {
    if (!matches(kind, rest.substr(0, length))) {
      continue;
    }
    found.emplace_back(text, rest.substr(0, length));
    if (match_from(index + 1, rest.substr(length), found)) {
      return true;
    }
    found.pop_back();
  }
  return false;
}

} // namespace dcrf
