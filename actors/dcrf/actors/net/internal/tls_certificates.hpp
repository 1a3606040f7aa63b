#pragma once

#include <openssl/types.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace dcrf::internal {

/// A certificate with those of its issuers, and its private key, in PEM.
struct certificate_files {
  std::string certificate;
  std::string key;
};

/// Certificates as they were read from their files. The name that a client asks for (SNI) chooses
/// one of them. From any thread.
class tls_certificates {
public:
  /// @param problem gets a line, if one of the files can't be used
  /// @returns null then
  [[nodiscard]] static std::shared_ptr<const tls_certificates>
  read(const std::vector<certificate_files>& files, std::string& problem);

  /// The server's side of a new connection, which must not outlive this; null without memory.
  [[nodiscard]] SSL* new_session() const;

  ~tls_certificates();
  tls_certificates(const tls_certificates&) = delete;
  tls_certificates& operator=(const tls_certificates&) = delete;

private:
  tls_certificates() = default;

  std::string add(const certificate_files& files);
  static int choose(SSL* session, int* alert, void* self);

  std::vector<SSL_CTX*> contexts_;
};

/// Certificates that are read again while they are in use. From any thread.
class tls_credentials {
public:
  explicit tls_credentials(std::vector<certificate_files> files) : files_(std::move(files)) {}

  /// Reads the files. If one of them can't be used, what was read before stays.
  /// @returns what is wrong, in a line; empty if nothing is
  [[nodiscard]] std::string read();

  /// What was read last; null before.
  [[nodiscard]] std::shared_ptr<const tls_certificates> current() const;

private:
  const std::vector<certificate_files> files_;
  mutable std::mutex mutex_; // guards `current_`
  std::shared_ptr<const tls_certificates> current_;
};

} // namespace dcrf::internal
