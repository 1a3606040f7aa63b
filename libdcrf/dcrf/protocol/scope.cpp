#include "dcrf/protocol/scope.hpp"

#include <boost/url/pct_string_view.hpp>

#include <algorithm>

namespace dcrf {

namespace {

std::string_view trimmed(std::string_view text) {
  auto start = text.find_first_not_of(" \t");
  if (start == text.npos) {
    return {};
  }
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

// What is no escape is taken as it is, as browsers and Django do: a query may come from anywhere.
std::string query_decoded(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    escaped += text[i];
    if (text[i] == '%' && !boost::urls::make_pct_string_view(text.substr(i, 3))) {
      escaped += "25";
    }
  }
  boost::urls::encoding_opts options;
  options.space_as_plus = true;
  return boost::urls::make_pct_string_view(escaped)->decode(options);
}

// Takes the part before the next separator away from the rest.
std::string_view next_part(std::string_view& rest, char separator) {
  auto end = std::min(rest.find(separator), rest.size());
  auto result = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return result;
}

} // namespace

std::optional<std::string_view> scope::header(std::string_view name) const {
  auto found = std::ranges::find(headers, name, &pairs::value_type::first);
  if (found == headers.end()) {
    return std::nullopt;
  }
  return found->second;
}

std::optional<std::string> scope::query(std::string_view name) const {
  std::optional<std::string> result;
  for (std::string_view rest = query_string; !rest.empty();) {
    auto value = next_part(rest, '&');
    if (query_decoded(next_part(value, '=')) == name) {
      result = query_decoded(value);
    }
  }
  return result;
}

scope::pairs scope::query_pairs() const {
  pairs result;
  for (std::string_view rest = query_string; !rest.empty();) {
    auto value = next_part(rest, '&');
    if (!value.empty()) {
      auto name = query_decoded(next_part(value, '='));
      result.emplace_back(std::move(name), query_decoded(value));
    }
  }
  return result;
}

std::optional<std::string_view> scope::cookie(std::string_view name) const {
  for (const auto& [header_name, header_value] : headers) {
    if (header_name != "cookie") {
      continue;
    }
    for (std::string_view rest = header_value; !rest.empty();) {
      auto pair = trimmed(next_part(rest, ';'));
      auto equals = pair.find('=');
      if (equals != pair.npos && pair.substr(0, equals) == name) {
        return pair.substr(equals + 1);
      }
    }
  }
  return std::nullopt;
}

std::vector<std::string_view> scope::subprotocols() const {
  std::vector<std::string_view> result;
  for (const auto& [name, value] : headers) {
    if (name != "sec-websocket-protocol") {
      continue;
    }
    for (std::string_view rest = value; !rest.empty();) {
      if (auto offered = trimmed(next_part(rest, ',')); !offered.empty()) {
        result.push_back(offered);
      }
    }
  }
  return result;
}

std::string_view scope::parameter(std::string_view name) const {
  auto found = std::ranges::find(parameters, name, &pairs::value_type::first);
  return found == parameters.end() ? std::string_view{} : std::string_view{found->second};
}

} // namespace dcrf
