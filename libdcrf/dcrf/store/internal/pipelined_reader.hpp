#pragma once

#include "dcrf/store/database.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

namespace dcrf {

/// Reads a PostgreSQL database on a connection of its own, many reads at a time: each is sent
/// without waiting for those before it, and the answers come in their order. For whoever watches
/// the socket; nothing waits but the constructor. Belongs to one thread at a time.
///
/// A read that can't be answered here (the connection is lost, a lock is in the way) is handed
/// back, to be executed on another connection.
class pipelined_reader {
public:
  using clock = std::chrono::steady_clock;
  using completion = std::function<void(store_result)>;

  struct read {
    command body;
    completion done;
  };
  using handler = std::function<void(read)>;

  [[nodiscard]] static bool is_possible_for(const database_options& options) noexcept;
  /// Whether a read is one query, and its answer short, as it has to be here.
  [[nodiscard]] static bool can_execute(const command& x) noexcept;

  /// Connects, which may take some seconds.
  /// @throws store_failure
  pipelined_reader(database_options options, schema models);
  pipelined_reader(const pipelined_reader&) = delete;
  pipelined_reader& operator=(const pipelined_reader&) = delete;
  /// What is not answered is forgotten.
  ~pipelined_reader();

  /// Takes what is handed back. Set before the first read.
  void on_handed_back(handler x);

  /// Sends a read with the next `flush`. One that needs no query is answered at once.
  /// @pre can_execute, and the connection is not lost
  void submit(read x);

  /// Writes what was submitted, as far as the socket takes it.
  /// @returns whether that is all; otherwise to be called again when the socket is writable
  bool flush();

  /// Reads what has come and answers it.
  void receive();

  /// Whether nothing can be read here any more. What was under way was handed back.
  [[nodiscard]] bool is_lost() const noexcept;

  /// How many reads are under way.
  [[nodiscard]] std::size_t load() const noexcept;

  /// Since when the read is under way that is to be answered next.
  [[nodiscard]] std::optional<clock::time_point> waiting_since() const noexcept;

  /// Hands back those that wait behind a read which takes long, with it if they share its batch.
  void hand_back_waiting();

  /// Ends the connection. Reads that take longer than the database's bound on a statement are
  /// answered `unavailable`, all others are handed back.
  void give_up();

  /// How long a read may take before the database is given up.
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept;

  /// To be watched while the connection is not lost.
  [[nodiscard]] int socket() const noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace dcrf
