#pragma once

#include "dcrf/actors/config.hpp"
#include "dcrf/actors/net/internal/connection.hpp"
#include "dcrf/actors/net/internal/listener.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"

#include <caf/error.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dcrf::internal {

/// Where a server listens, and the connections that clients have made to it.
class client_connections {
public:
  using clock = std::chrono::steady_clock;

  /// @param config outlives this
  explicit client_connections(const actor_system_config& config);

  /// Reads the certificates and takes the addresses, before anything else is touched. Those that
  /// systemd has taken already are used instead of the configured ones.
  caf::error reserve();
  /// Lets clients in.
  caf::error listen(std::vector<io_thread*> threads, std::shared_ptr<connection_acceptor> acceptor);

  [[nodiscard]] bool is_listening() const noexcept { return listening_ != nullptr; }
  /// 0 if nobody listens.
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// Where clients come in, as URLs.
  [[nodiscard]] const std::vector<std::string>& addresses() const noexcept { return addresses_; }

  [[nodiscard]] bool has_tls() const noexcept { return !config_->listening.certificates.empty(); }
  /// Reads the certificates again. Those that are in use stay if one can't be used. From any
  /// thread.
  /// @returns what is wrong; empty if nothing is
  [[nodiscard]] std::string read_certificates();

  /// Waits until nobody is connected any more, or for as long as `--drain` says.
  void drain();

  /// Nobody is let in any more.
  void refuse();
  /// Closes all connections, and waits for it.
  void close(clock::time_point deadline);
  /// Lets go of what was closed.
  void clear();

private:
  caf::error bind_configured();
  caf::error adopt(const std::vector<passed_socket>& passed);
  [[nodiscard]] entrance usual_entrance() const noexcept {
    return has_tls() ? entrance::https : entrance::http;
  }

  const actor_system_config* config_;
  std::shared_ptr<tls_credentials> credentials_;
  std::vector<bound_address> bound_;
  std::vector<std::string> addresses_;
  std::shared_ptr<connection_acceptor> acceptor_;
  std::unique_ptr<listener> listening_;
};

} // namespace dcrf::internal
