#include "dcrf/consumer/scope.hpp"

#include <boost/url/params_encoded_view.hpp>
#include <boost/url/parse_query.hpp>

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

} // namespace

std::optional<std::string_view> scope::header(std::string_view name) const {
  auto found = std::ranges::find(headers, name, &pairs::value_type::first);
  if (found == headers.end()) {
    return std::nullopt;
  }
  return found->second;
}

std::optional<std::string> scope::query(std::string_view name) const {
  auto encoded = boost::urls::parse_query(query_string);
  if (!encoded) {
    return std::nullopt;
  }
  std::optional<std::string> result;
  boost::urls::encoding_opts options;
  options.space_as_plus = true;
  for (auto parameter : *encoded) {
    if (parameter.key.decode(options) == name) {
      result = parameter.value.decode(options);
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
      auto end = std::min(rest.find(';'), rest.size());
      auto pair = trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      auto equals = pair.find('=');
      if (equals != pair.npos && pair.substr(0, equals) == name) {
        return pair.substr(equals + 1);
      }
    }
  }
  return std::nullopt;
}

std::string_view scope::parameter(std::string_view name) const {
  auto found = std::ranges::find(parameters, name, &pairs::value_type::first);
  return found == parameters.end() ? std::string_view{} : std::string_view{found->second};
}

} // namespace dcrf
