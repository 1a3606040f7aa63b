#pragma once

#include "dcrf/actors/config.hpp"
#include "dcrf/actors/net/internal/connection.hpp"
#include "dcrf/actors/net/internal/listener.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"

#include <caf/error.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace dcrf::internal {

/// The port of a server, and the connections that clients have made to it.
class client_connections {
public:
  using clock = std::chrono::steady_clock;

  /// @param config outlives this
  explicit client_connections(const actor_system_config& config) : config_(&config) {}

  /// Takes the port, before anything else is touched. Nobody can connect yet.
  caf::error reserve();
  /// Lets clients in.
  caf::error listen(std::vector<io_thread*> threads, std::shared_ptr<connection_acceptor> acceptor);

  [[nodiscard]] bool is_listening() const noexcept { return listening_ != nullptr; }
  /// 0 if nobody listens.
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// Waits until nobody is connected any more, or for as long as `--drain` says.
  void drain();

  /// Nobody is let in any more.
  void refuse();
  /// Closes all connections, and waits for it.
  void close(clock::time_point deadline);
  /// Lets go of what was closed.
  void clear();

private:
  const actor_system_config* config_;
  std::optional<bound_address> port_;
  std::shared_ptr<connection_acceptor> acceptor_;
  std::unique_ptr<listener> listening_;
};

} // namespace dcrf::internal
