#pragma once

#include <cstdint>

namespace dcrf::cluster {

/// Logs each connection to a port whose TLS handshake fails: with whom and why. CAF closes these
/// without a word to anybody.
///
/// OpenSSL is asked to tell of the handshakes of all contexts that the process makes after the
/// first object of this class; those on other ports are nobody's business here.
class tls_refusals {
public:
  explicit tls_refusals(std::uint16_t port);
  tls_refusals(const tls_refusals&) = delete;
  tls_refusals& operator=(const tls_refusals&) = delete;
  ~tls_refusals();

private:
  std::uint16_t port_;
};

} // namespace dcrf::cluster
