#pragma once

#include "dcrf/model/value.hpp"
#include "dcrf/store/internal/postgresql_result.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace dcrf::internal::postgresql {

/// A parameter as text; empty for null.
using parameter = std::optional<std::string>;

/// @throws sql_error if PostgreSQL can't hold it
[[nodiscard]] parameter parameter_of(const value& x);

/// A connection in the pipeline mode of PostgreSQL's client library: statements are sent without
/// waiting for those before them, and answered in their order. Statements of one batch that follow
/// one which failed are skipped; without `BEGIN` a batch is a transaction. Each text is prepared
/// once.
///
/// Nothing waits but `open` and `run`, which have a deadline. Belongs to one thread, but for
/// `interrupt`.
class pipeline {
public:
  explicit pipeline(std::string connect_string);
  pipeline(const pipeline&) = delete;
  pipeline& operator=(const pipeline&) = delete;
  ~pipeline();

  /// Connects, or connects again: what the server knew of the connection is void.
  /// @throws sql_error with `unavailable`
  void open();
  void close() noexcept;

  [[nodiscard]] bool is_lost() const noexcept;
  /// Whether it is lost because it has ended, and not because the server gave no answer in time.
  [[nodiscard]] bool was_ended() const noexcept { return is_lost() && was_ended_; }
  /// Looks whether the server has ended the connection while nobody used it.
  void look() noexcept;
  /// Whether a transaction was open when the last batch ended.
  [[nodiscard]] bool in_transaction() const noexcept;
  /// What the server says of itself: `server_encoding`, say.
  [[nodiscard]] std::string_view setting(const char* name) const noexcept;
  /// The process that serves the connection, as the server said when it was opened.
  [[nodiscard]] int server_process() const noexcept { return PQbackendPID(connection_.get()); }

  /// How long `run` waits for an answer; without it, for ever.
  void set_patience(std::optional<std::chrono::milliseconds> x) noexcept { patience_ = x; }
  [[nodiscard]] std::optional<std::chrono::milliseconds> patience() const noexcept {
    return patience_;
  }

  /// Ends the waiting, now and in future: `run` fails. From any thread.
  void interrupt() noexcept;

  // -- waiting ------------------------------------------------------------------------------------

  /// Has a statement sent with the next one that is run, if nothing is to be known of its result
  /// but an error, which is then that one's.
  void defer(std::string sql) { deferred_.push_back(std::move(sql)); }
  [[nodiscard]] bool has_deferred() const noexcept { return !deferred_.empty(); }
  /// Takes back what was deferred.
  std::vector<std::string> take_deferred() noexcept { return std::exchange(deferred_, {}); }

  /// Sends one statement as a batch, with what was sent before, and waits for its result.
  /// @throws sql_error if the statement failed, or the connection is lost
  result run(std::string_view sql, std::span<const parameter> parameters);

  // -- without waiting ----------------------------------------------------------------------------

  /// Adds a statement to the batch. `:p1`, `:p2` in its text are the parameters.
  void send(std::string_view sql, std::span<const parameter> parameters);
  /// The same, but its result is not told unless it is an error: then it is that of the next
  /// statement.
  void send_silently(std::string_view sql);
  /// Ends the batch.
  void end_batch();
  /// Writes what was sent.
  /// @returns whether all of it is written; otherwise the socket has to become writable first
  bool flush() noexcept;
  /// Reads what has come.
  void receive() noexcept;
  /// The result of the next statement, if it has come.
  [[nodiscard]] std::optional<result> take();
  /// Whether nothing is on its way.
  [[nodiscard]] bool is_idle() const noexcept { return steps_.empty() && open_batches_ == 0; }

  [[nodiscard]] int socket() const noexcept { return PQsocket(connection_.get()); }

  /// Has all texts prepared anew when they are sent next, because tables have changed.
  void forget_all() noexcept { prepared_.clear(); }

private:
  struct finish {
    void operator()(PGconn* x) const noexcept { PQfinish(x); }
  };
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view x) const noexcept {
      return std::hash<std::string_view>{}(x);
    }
  };

  // What the server was sent, and what becomes of its result.
  struct step {
    bool is_silent = false;
    // What it prepares; 0 if it is none that prepares.
    std::uint32_t prepares = 0;
  };

  std::uint32_t prepare(std::string_view sql);
  void execute(std::uint32_t prepared, std::span<const parameter> parameters, bool is_silent);
  void note(int was_sent, step x);
  void await(std::chrono::steady_clock::time_point deadline);
  [[noreturn]] void throw_lost();

  std::string connect_string_;
  std::unique_ptr<PGconn, finish> connection_;
  bool was_ended_ = false;
  std::vector<std::string> deferred_;
  int interruption_ = -1;
  std::atomic<bool> is_interrupted_{false};
  std::optional<std::chrono::milliseconds> patience_;
  std::unordered_map<std::string, std::uint32_t, text_hash, std::equal_to<>> prepared_;
  std::uint32_t last_prepared_ = 0;
  std::deque<step> steps_;
  // The client library ends the results of each statement with a null.
  bool has_ended_step_ = true;
  std::size_t open_batches_ = 0;
  // What a silent step failed with.
  std::optional<result> failed_;
};

} // namespace dcrf::internal::postgresql
