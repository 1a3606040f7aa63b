#pragma once

#include <netinet/in.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "connection.hpp"

namespace load {

/// What runs over the connections. Called from within `network::step`.
class scenario {
public:
  virtual ~scenario() = default;
  virtual void on_open(connection& client) = 0;
  virtual void on_message(connection& client, std::string_view message, std::uint64_t now) = 0;
  virtual void on_closed(connection& client) = 0;
  /// @returns The exit status of the process.
  virtual int run() = 0;
};

using connections = std::vector<std::unique_ptr<connection>>;

/// The WebSocket clients of this process, on one epoll descriptor and one thread.
class network {
public:
  network();

  void serve(scenario& x) { scenario_ = &x; }

  void connect(connection& client);
  /// Connects all, `settings.connecting` at a time.
  /// @returns Whether all were open before the deadline.
  bool open_all(connections& clients, std::uint64_t deadline);
  /// Lets the client never read again.
  void go_blind(connection& client);
  void close(connection& client);

  /// Queues a message; all that is queued leaves at the end of the step.
  void send(connection& client, std::string_view message);
  void send_close(connection& client, std::uint16_t code);
  void flush_all();

  /// Waits for what comes, and works on it.
  void step(std::chrono::nanoseconds longest);

  [[nodiscard]] std::uint64_t received_bytes() const { return received_bytes_; }

private:
  void watch(connection& client, int operation, std::uint32_t events);
  void wait_for_space(connection& client, bool waits);
  void handle(connection& client, std::uint32_t events);
  void finish_connecting(connection& client, std::uint32_t events);
  void send_handshake(connection& client);
  void opened(connection& client);
  void read(connection& client);
  std::size_t take_handshake(connection& client, std::string_view text);
  std::size_t take_frames(connection& client, std::string_view bytes);
  void take_frame(connection& client, unsigned opcode, bool is_last, std::string_view payload);
  void take_message(connection& client, std::string_view message);
  void queue_frame(connection& client, unsigned opcode, std::string_view payload);
  void flush(connection& client);

  int epoll_;
  sockaddr_in server_{};
  scenario* scenario_ = nullptr;
  std::vector<char> buffer_;
  std::vector<connection*> queued_;
  std::size_t open_ = 0;
  std::uint64_t read_at_ = 0;
  std::uint64_t received_bytes_ = 0;
};

/// Clients that are not connected yet, numbered from `first`.
connections make_connections(std::size_t count, std::size_t first = 0);

/// The one of this process.
network& clients();

} // namespace load
