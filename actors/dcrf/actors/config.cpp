#include "dcrf/actors/config.hpp"

#include "dcrf/actors/cluster/envelope.hpp"
#include "dcrf/actors/internal/feed_limits.hpp"
#include "dcrf/actors/internal/log.hpp"
#include "dcrf/actors/net/internal/forwarding.hpp"
#include "dcrf/actors/net/internal/http_head.hpp"
#include "dcrf/protocol/origin.hpp"

#include <caf/config_option_adder.hpp>
#include <caf/dictionary.hpp>
#include <caf/io/middleman.hpp>
#include <caf/make_config_option.hpp>
#include <caf/pec.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

namespace dcrf {

namespace {

// A section that is put behind the file: without it, CAF takes a file that ends within a value for
// a shorter one.
constexpr auto end_of_file = "dcrf-end-of-file";

// What CAF knows of an option's type is an object that its library and ours share. The library,
// which gcc compiled, sets up a part of it only, and takes the rest for initialized statically;
// where clang compiles us it is not. So it is set up here, as a whole, before anybody asks for it.
template <class... Types>
std::size_t set_up() {
  return (... + caf::detail::option_meta_state_instance<Types>()->type_name.size());
}
[[maybe_unused]] const auto types_of_options =
    set_up<bool, std::size_t, caf::timespan, std::string, std::vector<std::string>>();

std::string seconds(std::chrono::nanoseconds time) {
  return fmt::format("{:g}s", std::chrono::duration<double>(time).count());
}

std::string_view as_std(caf::string_view text) { return {text.data(), text.size()}; }

bool is_section(const caf::config_value& value) {
  return caf::holds_alternative<caf::config_value::dictionary>(value);
}

std::string trimmed(const std::string& text) {
  constexpr auto blanks = " \t\r\n";
  auto begin = text.find_first_not_of(blanks);
  return begin == std::string::npos ? std::string{}
                                    : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// What a value of the option looks like, for those who got it wrong.
std::string form_of(const caf::config_option& option) {
  auto type = as_std(option.type_name());
  if (type == "timespan") {
    return "a time with its unit, as in 500ms, 25s or 2min";
  }
  if (type == "uint16") {
    return "a number from 0 to 65535";
  }
  if (type == "uint64") {
    return "a number that is not negative";
  }
  if (type == "boolean") {
    return "true or false";
  }
  if (type == "list of string") {
    return R"(a list, as in ["a", "b"])";
  }
  return fmt::format("of the type {}", type);
}

} // namespace

actor_system_config::actor_system_config() {
  const connection_limits defaults;
  auto size = [](const char* what, std::size_t value) {
    return fmt::format("{}, in bytes (default: {})", what, value);
  };
  auto time = [](const char* what, std::chrono::nanoseconds value) {
    return fmt::format("{}, with a unit (default: {})", what, seconds(value));
  };
  auto value = [](const char* what, const auto& value_) {
    return fmt::format("{} (default: {})", what, value_);
  };
  // The workers of the other policy look for work hundreds of times a second while there is none.
  set("scheduler.policy", caf::atom("sharing"));
  opt_group{custom_options_, "global"}
      .add(address, "address,a", value("address to listen on", address))
      .add(port, "port,p", value("port to listen on, 0 for any", port))
      .add(listening.addresses, "listen",
           "addresses to listen on instead: HOST:PORT, http://…, https://… or unix:PATH")
      .add(listening.socket_mode, "socket-mode",
           value("who may connect to sockets of a path, in octal", listening.socket_mode))
      .add(listening.certificates, "certificate",
           "files with certificates and those of their issuers, for TLS (default: none)")
      .add(listening.certificate_keys, "certificate-key",
           "files with the keys of these, in their order (default: the same files)")
      .add(listening.redirect_port, "redirect-port",
           "port of plain HTTP that leads to HTTPS (default: none)")
      .add(limits.transport_security, "transport-security",
           "Strict-Transport-Security over TLS, as in max-age=31536000 (default: none)")
      .add(database, "database,d", value("sqlite://FILE or postgresql://USER@HOST/NAME", database))
      .add(
          migrate, "migrate",
          value("what to do with a database that does not fit the models: run, off, or plan to see "
                "what would be done",
                migrate))
      .add(outside_changes, "outside-changes",
           value("whose changes in PostgreSQL are announced, too: off, programs or all",
                 outside_changes))
      .add(feed_retention, "feed-retention",
           value("how much of what was committed SQLite keeps beside the rows, as in 1h,256MiB",
                 feed_retention))
      .add(once_retention, "once-retention",
           value("how long, and of how many writes, it is kept that they were done once, and how "
                 "many bytes that may take",
                 once_retention))
      .add(resume_limit, "resume-limit",
           value("how many rows a live subscription is told of at most that it has missed",
                 resume_limit))
      .add(database_connections, "database-connections",
           "connections to PostgreSQL, of which one writes (default: by the number of I/O threads)")
      .add(database_timeout, "database-timeout",
           time("for PostgreSQL to execute a statement", database_timeout))
      .add(database_wait, "database-wait",
           time("for a database that can't be reached when the server starts", database_wait))
      .add(share_database, "share-database",
           "start although another process uses the same SQLite file; neither learns of the "
           "other's changes")
      .add(dump_file, "dump", "write all rows to a file as JSON, - for standard output, and end")
      .add(load_file, "load", "read rows from such a file, - for standard input, and end")
      .add(io_threads, "io-threads", value("number of threads that serve connections", io_threads))
      .add(no_direct_reads, "no-direct-reads",
           "leave all reads to the thread that writes to the database")
      .add(no_pipelining, "no-pipelining",
           "commit each write of a connection before the next one starts")
      .add(drain, "drain", time("to go on serving clients after SIGTERM", drain))
      .add(log_level, "log-level", value(("one of " + std::string{log_levels}).c_str(), log_level))
      .add(log_requests, "log-requests",
           "log each request with its status and duration, at the level info")
      .add(limits.message_size, "message-size",
           size("largest WebSocket message", defaults.message_size))
      .add(limits.handshake_timeout, "handshake-timeout",
           time("for a request's head, and for the answer to a handshake",
                defaults.handshake_timeout))
      .add(limits.header_size, "header-size",
           size("largest head of a request", defaults.header_size))
      .add(limits.body_size, "body-size",
           size("largest body of an HTTP request", defaults.body_size))
      .add(limits.body_timeout, "body-timeout",
           time("for the body of an HTTP request", defaults.body_timeout))
      .add(limits.ping_interval, "ping-interval", time("between two pings", defaults.ping_interval))
      .add(limits.outbox_size, "outbox-size",
           size("what may wait for a client that reads slowly", defaults.outbox_size))
      .add(limits.session.size, "session-size",
           size("what one connection may make the server hold", defaults.session.size))
      .add(limits.session.groups, "session-groups",
           value("groups that one connection may subscribe to", defaults.session.groups))
      .add(limits.session.background_runs, "session-background",
           value("actions that one connection may have in the background",
                 defaults.session.background_runs))
      .add(limits.close_timeout, "close-timeout",
           time("for the peer to answer a close", defaults.close_timeout))
      .add(limits.keep_alive_timeout, "keep-alive-timeout",
           time("between two HTTP requests of a connection", defaults.keep_alive_timeout))
      .add(limits.max_connections, "max-connections",
           value("open connections at a time", defaults.max_connections))
      .add(limits.allowed_origins, "allowed-origins",
           "origins besides the own host whose pages may connect, \"*\" for any (default: none)")
      .add(limits.trusted_proxies, "trusted-proxies",
           "addresses and networks of proxies that say who the client is (default: none)")
      .add(cluster.node_name, "node-name", "name of this node in its cluster")
      .add(cluster.cluster_name, "cluster-name",
           value("only nodes of the same cluster link", cluster.cluster_name))
      .add(cluster.address, "cluster-address",
           "HOST:PORT to listen on for other nodes (default: none, this is no node)")
      .add(cluster.join, "join", "HOST:PORT,... of nodes to join")
      .add(cluster.repositories, "repositories",
           "node whose database is used instead of an own one")
      .add(cluster.certificate, "cluster-certificate", "file with the certificate of this node")
      .add(cluster.key, "cluster-key", "file with its private key")
      .add(cluster.authority, "cluster-ca", "file with the CA that certificates must be of");
}

caf::error actor_system_config::parse(int argc, char** argv, const char* file) {
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  if (auto err = join_values(arguments)) {
    return err;
  }
  if (auto err = caf::actor_system_config::parse(std::move(arguments), file)) {
    return explain(err);
  }
  if (cli_helptext_printed) {
    return caf::none;
  }
  if (!remainder.empty()) {
    return invalid(fmt::format("{}: not an option", remainder.front()));
  }
  if (auto err = check_file()) {
    return err;
  }
  if (auto err = check()) {
    return err;
  }
  if (cluster.is_enabled()) {
    load_network();
  }
  return caf::none;
}

// CAF takes the value of a long option after `=` only, and a number only if nothing stands around
// it.
caf::error actor_system_config::join_values(std::vector<std::string>& arguments) const {
  for (auto i = arguments.begin(); i != arguments.end(); ++i) {
    auto end_of_name = std::min(i->find('='), i->size());
    const auto* option = i->starts_with("--")
                             ? custom_options_.cli_long_name_lookup(i->substr(2, end_of_name - 2))
                             : nullptr;
    if (option == nullptr || option->is_flag()) {
      continue;
    }
    if (end_of_name == i->size()) {
      auto value = std::next(i);
      if (value == arguments.end() || value->starts_with("--")) {
        return invalid(fmt::format("{}: a value is missing; it must be {}", *i, form_of(*option)));
      }
      *i += '=' + *value;
      i = std::prev(arguments.erase(value));
    }
    if (as_std(option->type_name()) != "string") {
      *i = i->substr(0, end_of_name + 1) + trimmed(i->substr(end_of_name + 1));
    }
  }
  return caf::none;
}

// A process that is no node of a cluster opens no port of CAF's, and starts none of its threads.
void actor_system_config::load_network() {
  load<caf::io::middleman>();
  add_message_type<cluster_envelope>("dcrf.envelope");
  set("middleman.heartbeat-interval", caf::timespan{cluster::heartbeat_interval});
  set("middleman.connection-timeout", caf::timespan{cluster::connection_timeout});
  set("middleman.app-identifiers", std::vector<std::string>{"dcrf"});
}

std::string actor_system_config::render(const caf::error& err) {
  if (err && err.context().size() == 1 && err.context().match_element<std::string>(0)) {
    return err.context().get_as<std::string>(0);
  }
  return caf::actor_system_config::render(err);
}

caf::error actor_system_config::invalid(std::string text) {
  // Not by `make_error`, which would wrap the text once more.
  return {static_cast<std::uint8_t>(caf::pec::illegal_argument), caf::atom("parser"),
          caf::make_message(std::move(text))};
}

caf::error actor_system_config::check() const {
  if (io_threads == 0 || io_threads > 1024) {
    return invalid(fmt::format("io-threads: must be from 1 to 1024, not {}", io_threads));
  }
  if (migrate != "run" && migrate != "off" && migrate != "plan") {
    return invalid(fmt::format("migrate: must be one of run, off, plan, not {}", migrate));
  }
  if (outside_changes != "off" && outside_changes != "programs" && outside_changes != "all") {
    return invalid(
        fmt::format("outside-changes: must be one of off, programs, all, not {}", outside_changes));
  }
  if (!read_retention(feed_retention)) {
    return invalid(fmt::format("feed-retention: must be off, or limits as in 1h,256MiB, not {}",
                               feed_retention));
  }
  if (once_retention == "off" || !read_retention(once_retention)) {
    return invalid(fmt::format("once-retention: must be limits as in 24h,1000000,256MiB, not {}",
                               once_retention));
  }
  if (feed_retention != "off" && !database.starts_with("sqlite")) {
    return invalid("feed-retention: only SQLite keeps a feed");
  }
  if (database_connections > 1000) {
    return invalid(fmt::format("database-connections: must be from 1 to 1000, or 0, not {}",
                               database_connections));
  }
  if (database_wait < std::chrono::nanoseconds{} || database_wait > std::chrono::hours{24}) {
    return invalid(
        fmt::format("database-wait: must be from 0s to 24h, not {}", seconds(database_wait)));
  }
  if (drain < std::chrono::nanoseconds{} || drain > std::chrono::hours{1}) {
    return invalid(fmt::format("drain: must be from 0s to 1h, not {}", seconds(drain)));
  }
  if (!dump_file.empty() && !load_file.empty()) {
    return invalid("dump and load: one at a time");
  }
  auto sizes = {std::pair{"message-size", limits.message_size},
                std::pair{"header-size", limits.header_size},
                std::pair{"body-size", limits.body_size},
                std::pair{"outbox-size", limits.outbox_size},
                std::pair{"session-size", limits.session.size},
                std::pair{"session-groups", limits.session.groups},
                std::pair{"session-background", limits.session.background_runs},
                std::pair{"max-connections", limits.max_connections}};
  for (auto [name, size] : sizes) {
    if (size == 0 || size > std::size_t{1} << 31) {
      return invalid(fmt::format("{}: must be from 1 to 2147483648, not {}", name, size));
    }
  }
  auto times = {std::pair{"database-timeout", database_timeout},
                std::pair{"handshake-timeout", limits.handshake_timeout},
                std::pair{"body-timeout", limits.body_timeout},
                std::pair{"ping-interval", limits.ping_interval},
                std::pair{"close-timeout", limits.close_timeout},
                std::pair{"keep-alive-timeout", limits.keep_alive_timeout}};
  for (auto [name, time] : times) {
    if (time < std::chrono::milliseconds{1} || time > std::chrono::hours{24}) {
      return invalid(fmt::format("{}: must be from 1ms to 24h, not {}", name, seconds(time)));
    }
  }
  for (const auto& entry : limits.allowed_origins) {
    if (auto problem = problem_of_origin(entry); !problem.empty()) {
      return invalid("allowed-origins: " + problem);
    }
  }
  for (const auto& entry : limits.trusted_proxies) {
    if (auto problem = internal::trusted_proxies::problem_of(entry); !problem.empty()) {
      return invalid("trusted-proxies: " + problem);
    }
  }
  if (auto problem = problem_of(listening); !problem.empty()) {
    return invalid(problem);
  }
  if (!internal::is_transport_security(limits.transport_security)) {
    return invalid(fmt::format("transport-security: must be as max-age=31536000; "
                               "includeSubDomains, not {}",
                               limits.transport_security));
  }
  if (auto problem = cluster::problem_of(cluster); !problem.empty()) {
    return invalid(problem);
  }
  if (!set_up_log(log_level)) {
    return invalid(fmt::format("log-level: must be one of {}, not {}", log_levels, log_level));
  }
  return caf::none;
}

// -- the file -------------------------------------------------------------------------------------

caf::error actor_system_config::check_file() const {
  std::ifstream file{config_file_path};
  if (!file) {
    return caf::none; // CAF has already refused a file that was asked for
  }
  std::string entries{std::istreambuf_iterator<char>{file}, {}};
  std::istringstream text{fmt::format("{}\n[{}]\nis-whole=true\n", entries, end_of_file)};
  auto parsed = caf::actor_system_config::parse_config(text);
  if (!parsed) {
    return explain(parsed.error());
  }
  return check_entries(*parsed, "global");
}

caf::error actor_system_config::check_entries(const caf::settings& entries,
                                              const std::string& category) const {
  for (const auto& [key, value] : entries) {
    if (key == end_of_file) {
      continue;
    }
    if (is_section(value)) {
      if (auto err = check_entries(caf::get<caf::config_value::dictionary>(value), key)) {
        return err;
      }
      continue;
    }
    auto name = category == "global" ? key : category + '.' + key;
    const auto* option = custom_options_.qualified_name_lookup(category, key);
    if (option == nullptr) {
      return invalid(fmt::format("{}: {}: not an option", config_file_path, name));
    }
    if (option->check(value)) {
      return invalid(fmt::format("{}: {} must be {}", config_file_path, name, form_of(*option)));
    }
  }
  return caf::none;
}

// -- CAF's own errors -----------------------------------------------------------------------------

caf::error actor_system_config::explain(const caf::error& err) const {
  if (err == caf::sec::cannot_open_file) {
    return invalid(fmt::format("{}: cannot be opened", config_file_path));
  }
  if (err.category() != caf::atom("parser") || err.context().size() != 1
      || !err.context().match_element<caf::settings>(0)) {
    return err;
  }
  const auto& details = err.context().get_as<caf::settings>(0);
  if (auto line = caf::get_if<std::int64_t>(&details, "line")) {
    return invalid(fmt::format("{}:{}: the file is malformed", config_file_path, *line));
  }
  auto argument = caf::get_or(details, "argument", "");
  if (err == caf::pec::not_an_option) {
    return invalid(fmt::format("{}: not an option", argument));
  }
  auto begin = argument.find_first_not_of('-');
  auto name = argument.substr(begin, argument.find('=') - begin);
  const auto* option = argument.starts_with("--") ? custom_options_.cli_long_name_lookup(name)
                                                  : custom_options_.cli_short_name_lookup(name[0]);
  if (option == nullptr) {
    return invalid(fmt::format("{}: cannot be understood", argument));
  }
  return invalid(fmt::format("{}: must be {}", argument, form_of(*option)));
}

} // namespace dcrf
