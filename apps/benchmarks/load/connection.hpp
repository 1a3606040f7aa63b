#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace load {

enum class connection_state : std::uint8_t { connecting, handshake, socket_io_wait, open, closed };

/// Where a client is in what its scenario has it do.
enum class client_step : std::uint8_t { subscribing, working, closing };

enum class client_role : std::uint8_t { subscriber, publisher, silent };

/// One client: its socket, and the requests it waits for.
///
/// The ids of its requests are `index * ids_per_connection + n`, and `n` counts from 0; all before
/// `oldest_open` have been answered.
struct connection {
  static constexpr std::uint64_t ids_per_connection = 100'000'000;

  struct sent_request {
    std::uint64_t time = 0;
    std::int64_t key = 0;
    bool is_open = false;
  };

  int socket = -1;
  std::uint32_t index = 0;
  connection_state state = connection_state::closed;
  bool waits_for_space = false;
  bool is_queued = false;
  /// Never reads; only learns of a close.
  bool is_blind = false;
  std::uint32_t mask = 0;
  std::string received;
  std::string unsent;
  std::string fragments;
  std::size_t sent = 0;

  std::uint64_t requests = 0;
  std::uint64_t oldest_open = 0;
  std::vector<sent_request> ring;

  client_role role = client_role::subscriber;
  client_step step = client_step::subscribing;
  std::uint64_t started = 0;

  [[nodiscard]] std::uint64_t open_requests() const { return requests - oldest_open; }
  [[nodiscard]] std::uint64_t first_id() const { return index * ids_per_connection; }
};

} // namespace load
