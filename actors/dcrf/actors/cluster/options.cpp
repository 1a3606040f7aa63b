#include "dcrf/actors/cluster/options.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>

namespace dcrf::cluster {

namespace {

bool is_loopback(const std::string& host) {
  boost::system::error_code error;
  auto address = boost::asio::ip::make_address(host, error);
  return error ? host == "localhost" : address.is_loopback();
}

bool is_any(const std::string& host) {
  boost::system::error_code error;
  auto address = boost::asio::ip::make_address(host, error);
  return !error && address.is_unspecified();
}

bool is_name(std::string_view x) {
  return !x.empty() && x.size() <= 64 && std::ranges::all_of(x, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
}

std::string problem_of_tls(const cluster_options& x, const host_and_port& address) {
  if (x.certificate.empty() && x.key.empty() && x.authority.empty()) {
    if (is_loopback(address.host)) {
      return {};
    }
    return fmt::format("cluster-address: {} is no loopback address, so --cluster-certificate, "
                       "--cluster-key and --cluster-ca are needed",
                       address.host);
  }
  auto files = {std::pair{"cluster-certificate", &x.certificate}, std::pair{"cluster-key", &x.key},
                std::pair{"cluster-ca", &x.authority}};
  for (auto [name, file] : files) {
    if (file->empty()) {
      return fmt::format("{}: is missing: certificate, key and CA belong together", name);
    }
    if (!std::filesystem::is_regular_file(*file)) {
      return fmt::format("{}: {} is no file", name, *file);
    }
  }
  return {};
}

} // namespace

std::string host_and_port::to_string() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

std::optional<host_and_port> parse_address(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return std::nullopt;
  }
  auto host = text.substr(0, colon);
  auto port = text.substr(colon + 1);
  bool has_brackets = host.front() == '[';
  if (has_brackets) {
    if (host.size() < 3 || host.back() != ']') {
      return std::nullopt;
    }
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  host_and_port result{.host = std::string{host}};
  auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), result.port);
  if (error != std::errc{} || end != port.data() + port.size()) {
    return std::nullopt;
  }
  return result;
}

std::optional<std::vector<host_and_port>> parse_addresses(std::string_view text) {
  std::vector<host_and_port> result;
  while (!text.empty()) {
    auto comma = std::min(text.find(','), text.size());
    auto address = parse_address(text.substr(0, comma));
    if (!address || address->port == 0) {
      return std::nullopt;
    }
    result.push_back(std::move(*address));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return result;
}

std::string problem_of(const cluster_options& x) {
  if (!x.is_enabled()) {
    for (auto [name, option] :
         {std::pair{"join", &x.join}, std::pair{"repositories", &x.repositories},
          std::pair{"cluster-certificate", &x.certificate}}) {
      if (!option->empty()) {
        return fmt::format("{}: needs --cluster-address", name);
      }
    }
    return {};
  }
  auto address = parse_address(x.address);
  if (!address) {
    return fmt::format("cluster-address: must be HOST:PORT, not {}", x.address);
  }
  if (is_any(address->host)) {
    return fmt::format("cluster-address: must be an address at which other nodes reach this one, "
                       "not {}",
                       address->host);
  }
  if (!parse_addresses(x.join)) {
    return fmt::format("join: must be HOST:PORT,HOST:PORT and so on, not {}", x.join);
  }
  if (!is_name(x.node_name)) {
    return "node-name: must be 1 to 64 letters, digits, '-', '_' and '.'";
  }
  if (!is_name(x.cluster_name)) {
    return "cluster-name: must be 1 to 64 letters, digits, '-', '_' and '.'";
  }
  if (x.repositories == x.node_name) {
    return "repositories: must be another node";
  }
  return problem_of_tls(x, *address);
}

} // namespace dcrf::cluster
