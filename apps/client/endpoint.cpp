#include "client/endpoint.hpp"

#include <boost/core/detail/string_view.hpp>
#include <boost/url/parse.hpp>
#include <fmt/format.h>

#include "client/errors.hpp"

namespace client {

namespace {

std::string_view as_std(boost::core::string_view text) { return {text.data(), text.size()}; }

} // namespace

std::string endpoint::authority() const {
  auto name = host.find(':') == std::string::npos ? host : fmt::format("[{}]", host);
  return port == (is_secure ? "443" : "80") ? name : fmt::format("{}:{}", name, port);
}

endpoint parse_url(std::string_view text) {
  auto parsed = boost::urls::parse_uri(boost::core::string_view{text.data(), text.size()});
  if (!parsed) {
    throw usage_error{fmt::format("{}: not a URL, as in ws://127.0.0.1:8000/ws/notes/", text)};
  }
  const auto& url = *parsed;
  bool is_secure = url.scheme() == "wss";
  if (!is_secure && url.scheme() != "ws") {
    throw usage_error{fmt::format("{}: a URL must begin with ws:// or wss://", text)};
  }
  if (url.host_address().empty()) {
    throw usage_error{fmt::format("{}: the URL names no host", text)};
  }
  if (url.has_userinfo()) {
    throw usage_error{"a name or password in the URL is not sent: see --header"};
  }
  if (url.has_port() && (url.port_number() == 0)) {
    throw usage_error{fmt::format("{}: the port must be from 1 to 65535", text)};
  }
  std::string_view usual_port = is_secure ? "443" : "80";
  auto path = as_std(url.encoded_path());
  auto target = fmt::format("{}{}{}", path.empty() ? "/" : path, url.has_query() ? "?" : "",
                            as_std(url.encoded_query()));
  return {is_secure, url.host_address(),
          std::string{url.has_port() ? as_std(url.port()) : usual_port}, target};
}

} // namespace client
