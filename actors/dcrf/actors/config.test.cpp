#include "dcrf/actors/config.hpp"

#include <catch2/catch.hpp>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace config_tests {

using namespace std::chrono_literals;

namespace {

class program_config : public dcrf::actor_system_config {
public:
  program_config() {
    opt_group{custom_options_, "global"}.add(rooms, "rooms", "number of rooms");
    opt_group{custom_options_, "chat"}.add(motto, "motto", "shown to all");
  }

  std::size_t rooms = 3;
  std::string motto;

protected:
  caf::error check() const override {
    if (rooms > 100) {
      return invalid("rooms: must be at most 100");
    }
    return dcrf::actor_system_config::check();
  }
};

// Gives a file back to nobody.
struct temporary_file {
  explicit temporary_file(const std::string& text) {
    auto fd = mkstemp(name.data());
    REQUIRE(fd >= 0);
    close(fd);
    std::ofstream{name} << text;
  }
  ~temporary_file() { std::remove(name.c_str()); }

  std::string name = "/tmp/dcrf-config-XXXXXX";
};

struct fixture {
  std::shared_ptr<spdlog::logger> log = spdlog::default_logger();
  program_config config;

  ~fixture() { spdlog::set_default_logger(log); }

  // The error of a command line, or an empty string.
  std::string parse(std::vector<std::string> args) {
    args.insert(args.begin(), "program");
    std::vector<char*> argv;
    for (auto& arg : args) {
      argv.push_back(arg.data());
    }
    auto err = config.parse(static_cast<int>(argv.size()), argv.data(), "/dev/null");
    return err ? program_config::render(err) : "";
  }

  std::string parse_file(const std::string& text) {
    temporary_file file{text};
    auto err = parse({"--config-file=" + file.name});
    auto at = err.find(file.name);
    return at == std::string::npos ? err : err.replace(at, file.name.size(), "FILE");
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "without arguments the defaults hold", "[config]") {
  CHECK(parse({}).empty());
  CHECK(config.address == "127.0.0.1");
  CHECK(config.port == 8000);
  CHECK(config.io_threads == 1);
  CHECK(config.limits.message_size == dcrf::connection_limits{}.message_size);
  CHECK(config.limits.allowed_origins.empty());
}

TEST_CASE_METHOD(fixture, "options are read from the command line", "[config]") {
  CHECK(parse({"--port=0", "-a", "::1", "--ping-interval=500ms", "--message-size=1024",
               "--allowed-origins=[\"https://a.example\", \"https://b.example\"]",
               "--log-level=error", "--rooms=7", "--chat.motto=hi", "--database=sqlite://:memory:"})
        == "");
  CHECK(config.port == 0);
  CHECK(config.address == "::1");
  CHECK(config.limits.ping_interval == 500ms);
  CHECK(config.limits.message_size == 1024);
  CHECK(config.limits.allowed_origins
        == std::vector<std::string>{"https://a.example", "https://b.example"});
  CHECK(spdlog::default_logger()->level() == spdlog::level::err);
  CHECK(config.rooms == 7);
  CHECK(config.motto == "hi");
  CHECK(config.database == "sqlite://:memory:");
}

TEST_CASE_METHOD(fixture, "mistakes on the command line are told in one line", "[config]") {
  auto [arguments, text] = GENERATE(table<std::vector<std::string>, std::string>({
      {{"stray", "--port=1"}, "stray: not an option"},
      {{"--bogus=1"}, "--bogus=1: not an option"},
      {{"--allowed-origins=[\"app.test\"]"},
       "allowed-origins: app.test is no origin: write SCHEME://HOST or SCHEME://HOST:PORT"},
      {{"--trusted-proxies=[\"10.0.0.0/33\"]"},
       "trusted-proxies: 10.0.0.0/33 is neither an address nor a network as 10.0.0.0/8"},
      {{"--listen=[\"127.0.0.1\"]"},
       "listen: must be HOST:PORT, http://HOST:PORT, https://HOST:PORT or unix:PATH, not "
       "127.0.0.1"},
      {{"--listen=https://a.test:443"}, "listen: https://a.test:443 needs --certificate"},
      {{"--certificate=a,b", "--certificate-key=c"},
       "certificate-key: must be a key for each of the 2 certificates, in their order, not 1"},
      {{"--socket-mode=rw"}, "socket-mode: must be three octal digits, as in 660, not rw"},
      {{"--transport-security=forever"},
       "transport-security: must be as max-age=31536000; includeSubDomains, not forever"},
      {{"--port=70000"}, "--port=70000: must be a number from 0 to 65535"},
      {{"--port=abc"}, "--port=abc: must be a number from 0 to 65535"},
      {{"-p", "abc"}, "-p: must be a number from 0 to 65535"},
      {{"--port"}, "--port: a value is missing; it must be a number from 0 to 65535"},
      {{"--io-threads=0"}, "io-threads: must be from 1 to 1024, not 0"},
      {{"--io-threads=-1"}, "--io-threads=-1: must be a number that is not negative"},
      {{"--ping-interval=25"},
       "--ping-interval=25: must be a time with its unit, as in 500ms, 25s or 2min"},
      {{"--ping-interval=0s"}, "ping-interval: must be from 1ms to 24h, not 0s"},
      {{"--message-size=0"}, "message-size: must be from 1 to 2147483648, not 0"},
      {{"--log-level=loud"},
       "log-level: must be one of trace, debug, info, warning, error, critical, off, not loud"},
      {{"--rooms=101"}, "rooms: must be at most 100"},
      {{"--feed-retention=1h", "--database=postgresql://h/d"},
       "feed-retention: only SQLite keeps a feed"},
      {{"--config-file=/nonexistent/file"}, "/nonexistent/file: cannot be opened"},
  }));
  CHECK(parse(arguments) == text);
}

TEST_CASE_METHOD(fixture, "the file is read, and the command line wins", "[config]") {
  temporary_file file{"port=9000\nping-interval=3s\n[chat]\nmotto=\"hello\"\n"
                      "[scheduler]\nmax-threads=2\n"};
  CHECK(parse({"--config-file=" + file.name, "--port=9001"}).empty());
  CHECK(config.port == 9001);
  CHECK(config.limits.ping_interval == 3s);
  CHECK(config.motto == "hello");
}

TEST_CASE_METHOD(fixture, "mistakes in the file are told in one line", "[config]") {
  auto [file, text] = GENERATE(table<std::string, std::string>({
      {"port=70000\n", "FILE: port must be a number from 0 to 65535"},
      {"prot=80\n", "FILE: prot: not an option"},
      {"io-threads=\"x\"\n", "FILE: io-threads must be a number that is not negative"},
      {"ping-interval=5\n",
       "FILE: ping-interval must be a time with its unit, as in 500ms, 25s or 2min"},
      {"[chat]\nmoto=\"x\"\n", "FILE: chat.moto: not an option"},
      {"[caht]\nmotto=\"x\"\n", "FILE: caht.motto: not an option"},
      {"[chat]\nmotto=7\n", "FILE: chat.motto must be of the type string"},
      {"allowed-origins=[\n", // ends within a value
       "FILE:3: the file is malformed"},
      {"port=80\nport 80\n", "FILE:2: the file is malformed"},
      {"io-threads=0\n", "io-threads: must be from 1 to 1024, not 0"},
  }));
  CHECK(parse_file(file) == text);
}

TEST_CASE_METHOD(fixture, "the help text takes its defaults from the constants", "[config]") {
  std::ostringstream text;
  auto* before = std::cout.rdbuf(text.rdbuf());
  auto error = parse({"--help"});
  std::cout.rdbuf(before);
  CHECK(error.empty());
  CHECK(config.cli_helptext_printed);
  for (const auto* part : {"--port", "default: 8000", "--rooms", "default: 25s", "default: 1048576",
                           "in bytes", "with a unit", "--allowed-origins"}) {
    CHECK_THAT(text.str(), Catch::Contains(part));
  }
}

} // namespace config_tests
