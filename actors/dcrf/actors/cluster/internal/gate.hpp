#pragma once

#include "dcrf/actors/cluster/options.hpp"

#include <boost/asio/io_context.hpp>
#include <caf/expected.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace dcrf::cluster {

/// What stands before CAF on a node's port: a connection reaches CAF only when its other end has
/// shown that it is a node. With TLS that is a certificate of the cluster's authority, and always a
/// first line that both sides say. Until then it holds a socket and a few kilobytes, for a bounded
/// time and with a bounded number of others; the one that has waited longest makes room.
///
/// Certificates are read at the start, and again when their files have changed; while these can't
/// be read, those that were read last are used.
///
/// CAF gets a connection as a descriptor: that of the socket itself, or, with TLS, one end of a
/// pair of sockets between which and the peer a thread of the gate carries bytes.
class gate {
public:
  /// Takes what has been let in, and owns it. Called on the gate's thread.
  using taker = std::function<void(int descriptor)>;

  explicit gate(const cluster_options& options);
  gate(const gate&) = delete;
  gate& operator=(const gate&) = delete;
  ~gate();

  /// Reads the certificates.
  /// @returns what is wrong with them; empty if nothing is
  [[nodiscard]] std::string load();

  /// Listens, but lets nobody in before `open`. Once.
  /// @returns the port
  [[nodiscard]] caf::expected<std::uint16_t> listen(const host_and_port& at);
  void open(taker let_in);

  /// The descriptor that is listened on: a name for the port in this process.
  [[nodiscard]] int listening() const;

  /// Connects to the gate of another node, when this one is open. Waits for that, so it is called
  /// on a thread that may.
  /// @returns a descriptor that is the caller's, or what went wrong
  [[nodiscard]] caf::expected<int> connect(const host_and_port& to);

  /// Lets nobody in any more, and gives up connecting. What was let in stays until the gate is
  /// destroyed.
  void close();

private:
  struct state;

  std::unique_ptr<boost::asio::io_context> context_; // outlives the state
  std::shared_ptr<state> state_;
  std::thread thread_;
};

} // namespace dcrf::cluster
