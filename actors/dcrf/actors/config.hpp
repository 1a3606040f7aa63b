#pragma once

#include "dcrf/actors/cluster/options.hpp"
#include "dcrf/actors/limits.hpp"
#include "dcrf/actors/listen_options.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace dcrf {

/// The configuration of a server: CAF's own, and what this library adds, from a file
/// (`--config-file`, by default `caf-application.ini` in the working directory if there is one) and
/// from the command line, which wins. Programs add options of their own by deriving and using
/// `opt_group` in the constructor.
///
///     dcrf::actor_system_config config;
///     if (auto err = config.parse(argc, argv)) {
///       std::cerr << dcrf::actor_system_config::render(err) << '\n';
///       return EXIT_FAILURE;
///     }
///     if (config.cli_helptext_printed)
///       return EXIT_SUCCESS;
class actor_system_config : public caf::actor_system_config {
public:
  actor_system_config();

  /// An IPv4 or IPv6 address in numbers, or the name of a host, such as `localhost`.
  std::string address = "127.0.0.1";
  /// 0 takes any port that is free.
  std::uint16_t port = 8000;
  /// Other addresses instead, and TLS.
  listen_options listening;
  /// `sqlite://FILE`, `sqlite://:memory:` or `postgresql://USER:PASSWORD@HOST:PORT/NAME`.
  std::string database = "sqlite://db.sqlite3";
  /// What is done about a database that does not fit the models: `run` for what has to be done,
  /// `off` for nothing but an error, `plan` to print it (`server::run` only).
  std::string migrate = "run";
  /// Whose changes to a PostgreSQL database are announced besides the own: `off`, `programs` (other
  /// programs), or `all` (other nodes, too).
  std::string outside_changes = "off";
  /// How much of what was committed the database keeps, beside its rows: see `read_retention`.
  std::string feed_retention = "off";
  /// How much is kept of the writes that clients ask to be done once.
  std::string once_retention = "24h,1000000,256MiB";
  /// How many rows a live subscription is told of at most that it has missed.
  std::size_t resume_limit = 1000;
  /// How many connections a node has to a PostgreSQL database: one that writes, the others read; 0
  /// for what suits the number of I/O threads.
  std::size_t database_connections = 0;
  /// How long PostgreSQL may take for a statement before the request is answered with 503.
  std::chrono::nanoseconds database_timeout = std::chrono::seconds{10};
  /// How long the start waits for a database that can't be reached.
  std::chrono::nanoseconds database_wait{};
  /// Whether other processes may use the same SQLite file at the same time. They don't learn of
  /// each other's changes.
  bool share_database = false;
  /// A file that all rows are written to, and one that rows are read from; the program does that
  /// and ends. `-` is standard output or input.
  std::string dump_file;
  std::string load_file;
  std::size_t io_threads = 1;
  /// Whether the store thread does all reads; otherwise the I/O threads read a database file on
  /// connections of their own.
  bool no_direct_reads = false;
  /// Whether each write waits until the one before it on the same connection is answered. What
  /// clients see is the same.
  bool no_pipelining = false;
  /// How long a server that was told to end goes on serving those who are there: load balancers see
  /// meanwhile that it is not ready any more.
  std::chrono::nanoseconds drain = std::chrono::seconds{2};
  /// One of `log_levels`.
  std::string log_level = "info";
  /// Whether each request leaves a line in the log: who asked for what, and what came of it.
  bool log_requests = false;
  connection_limits limits;
  cluster_options cluster;

  /// Reads the configuration file and the command line, and sets up the log. In contrast to CAF's,
  /// nothing is ignored: words that are no options, unknown keys and values of a wrong type in the
  /// file, a file that ends within a value, and values out of range are errors.
  /// @param file Instead of `caf-application.ini`; `--config-file` wins.
  /// @returns An error whose text `render` gives in one line.
  caf::error parse(int argc, char** argv, const char* file = nullptr);

  /// The text of an error of `parse`, in one line; for others what CAF says.
  static std::string render(const caf::error& err);

protected:
  /// Looks at values that have the right type. A derived class that overrides this to look at its
  /// own options calls this one too.
  /// @returns An error made by `invalid`, or none.
  [[nodiscard]] virtual caf::error check() const;

  /// An error of the configuration, to be read by people: "port: must be ...".
  [[nodiscard]] static caf::error invalid(std::string text);

private:
  void load_network();
  [[nodiscard]] caf::error join_values(std::vector<std::string>& arguments) const;
  [[nodiscard]] caf::error check_file() const;
  [[nodiscard]] caf::error check_entries(const caf::settings& entries,
                                         const std::string& category) const;
  [[nodiscard]] caf::error explain(const caf::error& err) const;
};

} // namespace dcrf
