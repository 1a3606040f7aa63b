#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dcrf {

/// Where a server listens besides `address` and `port`, and what it shows clients over TLS.
struct listen_options {
  /// `HOST:PORT`, `http://HOST:PORT`, `https://HOST:PORT` or `unix:PATH`, instead of `address` and
  /// `port`. Without a scheme it is `https` if there is a certificate; a socket of a path speaks
  /// plain HTTP.
  std::vector<std::string> addresses;

  /// Who may connect to the sockets of paths, as in `chmod`.
  std::string socket_mode = "660";

  /// Files with certificates, each with those of its issuers behind it (PEM). A client gets the
  /// first one that is for the name which it asks for, and the first of all if none is. With one of
  /// them the server speaks TLS.
  std::vector<std::string> certificates;

  /// Files with their private keys, in the same order; without any, the keys are in the files of
  /// the certificates.
  std::vector<std::string> certificate_keys;

  /// Where plain HTTP is answered with a redirect to HTTPS, on the hosts that speak it; 0 if
  /// nowhere.
  std::uint16_t redirect_port = 0;
};

/// What is wrong with the options, in a line; empty if nothing is. Files are not looked at.
[[nodiscard]] std::string problem_of(const listen_options& options);

} // namespace dcrf
