#pragma once

#include "dcrf/actors/net/internal/head_check.hpp"

#include <boost/asio/ip/address.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf::internal {

/// What stands for the client of a socket of a path (AF_UNIX), which has no address.
inline constexpr std::string_view of_path = "unix:";

/// The addresses whose word on the client of a request is taken.
class trusted_proxies {
public:
  trusted_proxies() = default;

  /// @param entries addresses, networks as `10.0.0.0/8`, or `unix:` for who comes by the socket of
  ///                a path; those that are none are left out
  explicit trusted_proxies(const std::vector<std::string>& entries);

  [[nodiscard]] bool contains(const boost::asio::ip::address& x) const;
  /// @param x nothing for who comes by the socket of a path
  [[nodiscard]] bool contains(const std::optional<boost::asio::ip::address>& x) const {
    return x ? contains(*x) : with_paths_;
  }

  /// What is wrong with an entry; empty if nothing is.
  [[nodiscard]] static std::string problem_of(std::string_view entry);

private:
  struct network {
    boost::asio::ip::address first;
    unsigned bits; // that all addresses of the network have in common
  };

  static std::optional<network> parse(std::string_view entry);

  std::vector<network> networks_;
  bool with_paths_ = false;
};

/// How the client of a request reaches the server.
struct client_side {
  std::string address;
  std::string scheme;
  std::string host;
  std::string prefix;
};

/// What the proxies in front of the server say of the client: `X-Forwarded-For`, `-Proto`, `-Host`
/// and `-Prefix`, or `Forwarded` (RFC 7239). Of a chain of proxies the first address from the right
/// that is not trusted is the client; what stands left of it, the client has written itself.
/// Whoever is not trusted is the client, whatever it says.
/// @param peer nothing on the socket of a path
/// @param scheme how the peer reaches the server
/// @returns none if a trusted proxy sent both kinds of headers, and they differ: it has set one,
/// and
///          passed on the other from the client
std::optional<client_side> client_side_of(const request_head& head,
                                          const std::optional<boost::asio::ip::address>& peer,
                                          const trusted_proxies& trusted,
                                          std::string_view scheme = "http");

} // namespace dcrf::internal
