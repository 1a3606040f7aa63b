#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf {

/// How a process takes part in a cluster. Without an address it does not, and none of CAF's network
/// modules is loaded.
struct cluster_options {
  /// Names the node among all of its cluster.
  std::string node_name;
  /// Nodes of another cluster are refused.
  std::string cluster_name = "dcrf";
  /// `HOST:PORT` where this node listens for others, and at which they reach it. 0 takes any port
  /// that is free.
  std::string address;
  /// `HOST:PORT,…`: nodes to join through. One that runs is enough.
  std::string join;
  /// The node whose database the sessions of this one use; empty if it has its own.
  std::string repositories;
  /// Files in PEM form for mutual TLS. All three, or none on a loopback address.
  std::string certificate;
  std::string key;
  std::string authority;

  [[nodiscard]] bool is_enabled() const noexcept { return !address.empty(); }
  [[nodiscard]] bool has_tls() const noexcept { return !certificate.empty(); }
};

namespace cluster {

/// How often nodes give a sign of life, and how long one may be silent before it counts as lost:
/// frozen, or cut off. CAF looks for silent ones once in an interval, so that it takes 4 to 5 s.
inline constexpr std::chrono::milliseconds heartbeat_interval{500};
inline constexpr std::chrono::milliseconds connection_timeout{4000};

struct host_and_port {
  std::string host;
  std::uint16_t port = 0;

  [[nodiscard]] std::string to_string() const;
};

/// Reads `HOST:PORT` or `[IPv6]:PORT`.
[[nodiscard]] std::optional<host_and_port> parse_address(std::string_view text);

/// The addresses of a list with commas; nothing if one of them is none.
[[nodiscard]] std::optional<std::vector<host_and_port>> parse_addresses(std::string_view text);

/// What is wrong with the options, as "option: sentence"; empty if nothing is.
[[nodiscard]] std::string problem_of(const cluster_options& x);

} // namespace cluster

} // namespace dcrf
