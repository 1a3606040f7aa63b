#include "client/command_line.hpp"

#include <catch2/catch.hpp>

#include "client/errors.hpp"

namespace command_line_tests {

using client::parse_command_line;
using namespace std::chrono_literals;

namespace {

client::command_line parsed(std::vector<const char*> arguments) {
  return parse_command_line(arguments);
}

constexpr auto url = "ws://127.0.0.1:8000/ws/notes/";

} // namespace

TEST_CASE("a URL and the words of a request") {
  auto line = parsed({url, "list", "limit=5"});
  CHECK(line.server.port == "8000");
  CHECK(line.words == std::vector<std::string>{"list", "limit=5"});
  CHECK_FALSE(line.follow);
  CHECK(line.timeout == 10s);
}

TEST_CASE("options may stand anywhere") {
  auto line = parsed({"--stream=users", url, "watch", "--follow", "pk=1", "--pretty"});
  CHECK(line.words == std::vector<std::string>{"watch", "pk=1"});
  CHECK(line.follow);
  CHECK(line.pretty);
  CHECK(line.stream == "users");
}

TEST_CASE("after -- there are no options") {
  CHECK(parsed({url, "echo", "--", "--follow=1"}).words.back() == "--follow=1");
}

TEST_CASE("headers") {
  auto line =
      parsed({url, "--header=X-User: ann", "--cookie=a=b", "--origin=http://x", "--header=X:"});
  using headers = std::vector<std::pair<std::string, std::string>>;
  CHECK(line.headers
        == headers{{"X-User", "ann"}, {"Cookie", "a=b"}, {"Origin", "http://x"}, {"X", ""}});
}

TEST_CASE("times have a unit") {
  CHECK(parsed({url, "--timeout=500ms"}).timeout == 500ms);
  CHECK(parsed({url, "--timeout=1.5s"}).timeout == 1500ms);
  CHECK(parsed({url, "--timeout=2min"}).timeout == 2min);
}

TEST_CASE("help and version need no URL") {
  CHECK(parsed({"--help"}).help);
  CHECK(parsed({"-h"}).help);
  CHECK(parsed({"--version"}).version);
}

TEST_CASE("a wrong command line is refused") {
  for (const auto& arguments : std::vector<std::vector<const char*>>{
           {},
           {"list"},
           {url, "--no-such-option"},
           {url, "--follow=yes"},
           {url, "--cookie"},
           {url, "--header=X"},
           {url, "--header=:x"},
           {url, "--header=a b:x"},
           {url, "--header=X:a\r\nY: b"},
           {url, "--cookie=a\nb"},
           {url, "--timeout=5"},
           {url, "--timeout=s"},
           {url, "--timeout=-1s"},
           {url, "--timeout=0s"},
           {url, "--timeout=nans"},
           {url, "--timeout=1e300s"},
           {url, "--insecure"},
           {url, "--ca=ca.pem"},
       }) {
    INFO((arguments.empty() ? "" : arguments.back()));
    CHECK_THROWS_AS(parsed(arguments), client::usage_error);
  }
}

TEST_CASE("the help names every option") {
  for (auto name : {"--ca", "--cookie", "--follow", "--header", "--help", "--insecure", "--origin",
                    "--pretty", "--stream", "--timeout", "--version"}) {
    CHECK(client::help_text().find(name) != std::string_view::npos);
  }
}

} // namespace command_line_tests
