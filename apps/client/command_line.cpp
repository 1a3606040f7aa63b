#include "client/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "client/errors.hpp"

namespace client {

namespace {

using setter = void (*)(command_line&, std::string_view);

struct option {
  std::string_view name;
  bool has_value;
  setter set;
};

std::chrono::milliseconds time_of(std::string_view text) {
  double number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  auto unit = text.substr(std::size_t(end - text.data()));
  double factor = unit == "ms" ? 1 : unit == "s" ? 1'000 : unit == "min" ? 60'000 : 0;
  auto milliseconds = number * factor;
  // A day is more than anybody waits for; "nan" is not at least 1 either.
  if (error != std::errc{} || !(milliseconds >= 1 && milliseconds <= 86'400'000)) {
    throw usage_error{
        fmt::format("--timeout={}: must be a time with its unit, as in 500ms, 25s or 2min", text)};
  }
  return std::chrono::milliseconds{static_cast<std::int64_t>(milliseconds)};
}

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

void add_header(command_line& line, std::string_view name, std::string_view value) {
  if (std::ranges::any_of(name, is_control) || std::ranges::any_of(value, is_control)) {
    throw usage_error{"a header may not have control characters"};
  }
  line.headers.emplace_back(name, value);
}

void split_header(command_line& line, std::string_view text) {
  auto colon = text.find(':');
  auto name = text.substr(0, colon);
  if (colon == std::string_view::npos || name.empty()
      || name.find_first_of(" \t\"(),/;<=>?@[\\]{}") != std::string_view::npos) {
    throw usage_error{fmt::format("--header={}: must be NAME:VALUE", text)};
  }
  auto value = text.substr(colon + 1);
  auto start = value.find_first_not_of(' ');
  add_header(line, name, start == std::string_view::npos ? "" : value.substr(start));
}

constexpr std::array options{
    option{"ca", true, [](auto& line, auto value) { line.authority_file = value; }},
    option{"cookie", true, [](auto& line, auto value) { add_header(line, "Cookie", value); }},
    option{"follow", false, [](auto& line, auto) { line.follow = true; }},
    option{"header", true, [](auto& line, auto value) { split_header(line, value); }},
    option{"help", false, [](auto& line, auto) { line.help = true; }},
    option{"insecure", false, [](auto& line, auto) { line.insecure = true; }},
    option{"origin", true, [](auto& line, auto value) { add_header(line, "Origin", value); }},
    option{"pretty", false, [](auto& line, auto) { line.pretty = true; }},
    option{"stream", true, [](auto& line, auto value) { line.stream = value; }},
    option{"timeout", true, [](auto& line, auto value) { line.timeout = time_of(value); }},
    option{"version", false, [](auto& line, auto) { line.version = true; }},
};

void apply(command_line& line, std::string_view argument) {
  auto equals = argument.find('=');
  auto name = argument.substr(2, equals == std::string_view::npos ? equals : equals - 2);
  for (const auto& known : options) {
    if (known.name != name) {
      continue;
    }
    if (known.has_value != (equals != std::string_view::npos)) {
      throw usage_error{known.has_value
                            ? fmt::format("--{0}: needs a value, as in --{0}=VALUE", name)
                            : fmt::format("--{}: takes no value", name)};
    }
    known.set(line, known.has_value ? argument.substr(equals + 1) : std::string_view{});
    return;
  }
  throw usage_error{fmt::format("--{}: no such option", name)};
}

} // namespace

command_line parse_command_line(std::span<const char* const> arguments) {
  command_line line;
  bool may_be_option = true;
  for (std::string_view argument : arguments) {
    if (may_be_option && argument == "--") {
      may_be_option = false;
    } else if (may_be_option && argument == "-h") {
      line.help = true;
    } else if (may_be_option && argument.starts_with("--")) {
      apply(line, argument);
    } else {
      line.words.emplace_back(argument);
    }
  }
  if (line.help || line.version) {
    return line;
  }
  if (line.words.empty()) {
    throw usage_error{"a URL is missing, as in ws://127.0.0.1:8000/ws/notes/"};
  }
  line.server = parse_url(line.words.front());
  line.words.erase(line.words.begin());
  if (!line.server.is_secure && (line.insecure || line.authority_file)) {
    throw usage_error{"--ca and --insecure are for wss:// only"};
  }
  return line;
}

std::string_view help_text() {
  return R"(usage: dcrf URL [ACTION [KEY=VALUE | JSON]...] [OPTION...]

Talks to a server over a WebSocket, in the protocol of Django Channels REST Framework. What comes is
printed, one frame a line.

  dcrf ws://127.0.0.1:8000/ws/notes/ list limit=5
  dcrf ws://127.0.0.1:8000/ws/notes/ create data.text='Buy milk'
  dcrf ws://127.0.0.1:8000/ws/notes/ create '{"data": {"text": "Buy milk"}}'
  dcrf ws://127.0.0.1:8000/ws/notes/ watch --follow
  dcrf ws://127.0.0.1:8000/ws/notes/ < requests.txt

A value that is JSON is sent as such (5, true, "5", [1]), any other as text; a key with dots leads
into objects. In place of action and arguments there may be a whole request in JSON. A request that
has no request_id gets one.

Without an action, requests are read from standard input, one a line, each sent at once: words as
above, quoted as in a shell, or JSON. At the end of the input dcrf waits for the replies. On a
terminal it is a conversation, which ends with Ctrl-D.

  --follow              go on printing after the reply, until interrupted; with an action, a lost
                        connection is made again, after growing delays, and the request sent again
  --stream=NAME         put requests into the envelope of a multiplexed stream
  --cookie=TEXT         the header Cookie
  --origin=TEXT         the header Origin
  --header=NAME:VALUE   any header; may be repeated
  --timeout=TIME        for connecting, and for each reply (default: 10s)
  --pretty              print frames over several lines
  --ca=FILE             trust certificates of this authority (PEM) instead of the system's
  --insecure            trust any certificate
  --version             print the version
  --help                print this

exit status: 0    all went well
             1    a reply has a status of 400 or above
             2    the command line, or a line of the input, can't be understood
             3    no connection, a lost one, or no reply in time
             130  interrupted before the reply; --follow and conversations end with 0
)";
}

} // namespace client
