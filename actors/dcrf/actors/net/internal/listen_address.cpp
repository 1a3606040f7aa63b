#include "dcrf/actors/net/internal/listen_address.hpp"

#include "dcrf/actors/cluster/options.hpp"
#include "dcrf/actors/listen_options.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace dcrf {

namespace internal {

std::string listen_address::to_string() const {
  if (!path.empty()) {
    return "unix:" + path;
  }
  return (how == entrance::https ? "https://" : "http://")
         + cluster::host_and_port{host, port}.to_string();
}

std::optional<listen_address> parse_listen_address(std::string_view text, entrance how) {
  constexpr std::string_view of_path = "unix:";
  if (text.starts_with(of_path)) {
    auto path = text.substr(of_path.size());
    return path.empty() ? std::nullopt : std::optional{listen_address{.path = std::string{path}}};
  }
  for (auto [scheme, kind] : {std::pair{std::string_view{"http://"}, entrance::http},
                              std::pair{std::string_view{"https://"}, entrance::https}}) {
    if (text.starts_with(scheme)) {
      text.remove_prefix(scheme.size());
      how = kind;
      break;
    }
  }
  auto found = cluster::parse_address(text);
  if (!found || found->host.find('/') != std::string::npos) {
    return std::nullopt;
  }
  return listen_address{.host = std::move(found->host), .port = found->port, .how = how};
}

std::optional<unsigned> parse_mode(std::string_view text) {
  constexpr int octal = 8;
  constexpr unsigned all = 0777;
  unsigned result = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result, octal);
  return error == std::errc{} && end == text.data() + text.size() && result <= all
             ? std::optional{result}
             : std::nullopt;
}

} // namespace internal

std::string problem_of(const listen_options& options) {
  using namespace internal;
  auto has_tls = !options.certificates.empty();
  if (!has_tls && !options.certificate_keys.empty()) {
    return "certificate-key: needs --certificate";
  }
  if (!options.certificate_keys.empty()
      && options.certificate_keys.size() != options.certificates.size()) {
    return fmt::format("certificate-key: must be a key for each of the {} certificates, in their "
                       "order, not {}",
                       options.certificates.size(), options.certificate_keys.size());
  }
  if (!has_tls && options.redirect_port != 0) {
    return "redirect-port: needs --certificate";
  }
  for (const auto& text : options.addresses) {
    auto address = parse_listen_address(text, entrance::http);
    if (!address) {
      return fmt::format("listen: must be HOST:PORT, http://HOST:PORT, https://HOST:PORT or "
                         "unix:PATH, not {}",
                         text);
    }
    if (address->how == entrance::https && !has_tls) {
      return fmt::format("listen: {} needs --certificate", text);
    }
  }
  if (!parse_mode(options.socket_mode)) {
    return fmt::format("socket-mode: must be three octal digits, as in 660, not {}",
                       options.socket_mode);
  }
  return {};
}

} // namespace dcrf
