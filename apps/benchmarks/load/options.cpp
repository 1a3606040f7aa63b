#include "options.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>

namespace load {

namespace {

constexpr auto help_text = R"(dcrf-load SCENARIO --url ws://HOST:PORT/PATH [options]

scenarios
  actions   -c CONNECTIONS -d DEPTH -n N            requests with a reply each, pipelined
  fanout    --subs S -n N [--rate R | --window W]   one publisher, S subscribers
  slow      fanout plus --slow K subscribers that never read
  listen    --subs S -n N                           S subscribers of N events that others publish
                                                    one after another; a line for each
  idle      -c CONNECTIONS [--idle-subscribe]       memory and CPU of open, quiet connections
  churn     -c LOOPS -n N                           connect, subscribe, 1 request, close, again
common
  --pid P[,P..]     the server's process ids: CPU from their CPU-time clocks (the user/system split
                    from /proc/P/stat, in ticks of 10 ms), memory from VmRSS in /proc/P/status
  --tree            count the children of those processes too
  --cpu N           pin this process to CPU N
  --label TEXT      copied into the result
  --duration S      stop issuing after S measured seconds (5)      --timeout S  give up (60)
  -n N              upper bound on measured operations             --warmup N   not measured (200)
  --header 'K: V'   extra handshake header, repeatable             --subprotocol NAME
  --source-addresses K  connect from 127.0.0.1 to 127.0.0.K, in turn (1)
  --connecting K    handshakes at a time (64)                      --binary     send binary frames
protocol
  --proto dcrf|sio  JSON objects matched by an id key, or socket.io v4 acks over a websocket
  --id-key K --status-key K      names in the reply (request_id, response_status)
  --status N        expected status, -1 for none (200)             --expect TEXT in each reply
  --template T      request for `actions` and `churn`; --pk A-B range of {pk}
  --check-pk KEY    the first "KEY": in a reply must be the {pk} of its request
  --unordered       replies may overtake each other on a connection
  --pad N           length of {pad} (100)
  templates know {id} {pk} {seq} {conn} {group} {mark} {pad}; {mark} is 34 characters: ~seq.time~
fanout
  --sub-template T --sub-status N
  --pub-template T --pub-status N
  --groups G        event i goes to group i mod G + 1 (1)
  --subscriptions K of each subscriber: i is in the groups from i * K mod G + 1 on (1)
  --publishers P    the events of group g come from publisher g mod P (1)
  --check-event-id  each event must carry the id of its subscription
  --event-expect TEXT
slow
  --slow K --rss-limit-mb M      fail when the server grows by more than M
idle
  --idle-subscribe  --idle-secs S (3)  --settle S (0.3)
  --verify-alive    each connection must answer a request in the end
)";

using parsers = std::map<std::string, std::function<void(const std::string&)>>;

template <class Number>
Number number_of(const std::string& text) {
  std::istringstream in{text};
  Number result{};
  if (!(in >> result) || !in.eof()) {
    throw std::invalid_argument("\"" + text + "\" is no number in range");
  }
  return result;
}

template <class Number>
void number(parsers& table, const char* name, Number& into) {
  table[name] = [&into](const std::string& text) { into = number_of<Number>(text); };
}

void text(parsers& table, const char* name, std::string& into) {
  table[name] = [&into](const std::string& value) { into = value; };
}

void url(const std::string& value) {
  constexpr std::string_view scheme = "ws://";
  if (!value.starts_with(scheme)) {
    throw std::invalid_argument("only ws:// is supported");
  }
  auto rest = value.substr(scheme.size());
  auto slash = rest.find('/');
  settings.path = slash == std::string::npos ? "/" : rest.substr(slash);
  auto authority = rest.substr(0, slash);
  auto colon = authority.find(':');
  settings.host = authority.substr(0, colon);
  if (colon != std::string::npos) {
    settings.port = number_of<int>(authority.substr(colon + 1));
  }
}

void keys(const std::string& value) {
  auto dash = value.find('-');
  settings.lowest_key = number_of<std::int64_t>(value.substr(0, dash));
  settings.highest_key = dash == std::string::npos
                             ? settings.lowest_key
                             : number_of<std::int64_t>(value.substr(dash + 1));
  if (settings.highest_key < settings.lowest_key) {
    throw std::invalid_argument("an empty range");
  }
}

void processes(const std::string& value) {
  std::istringstream in{value};
  for (std::string each; std::getline(in, each, ',');) {
    settings.processes.push_back(number_of<int>(each));
  }
}

parsers options_with_value() {
  auto& s = settings;
  parsers table;
  table["--url"] = url;
  table["--pk"] = keys;
  table["--pid"] = processes;
  table["--header"] = [&s](const std::string& value) { s.headers.push_back(value); };
  text(table, "--label", s.label);
  text(table, "--subprotocol", s.subprotocol);
  text(table, "--proto", s.protocol);
  text(table, "--id-key", s.id_key);
  text(table, "--status-key", s.status_key);
  text(table, "--expect", s.expect);
  text(table, "--check-pk", s.check_key);
  text(table, "--template", s.request_template);
  text(table, "--sub-template", s.subscribe_template);
  text(table, "--pub-template", s.publish_template);
  text(table, "--event-expect", s.event_expect);
  number(table, "--status", s.status);
  number(table, "--sub-status", s.subscribe_status);
  number(table, "--pub-status", s.publish_status);
  number(table, "-c", s.connections);
  number(table, "-d", s.depth);
  number(table, "-n", s.count);
  number(table, "--warmup", s.warmup);
  number(table, "--rate", s.rate);
  number(table, "--window", s.window);
  number(table, "--subs", s.subscribers);
  number(table, "--publishers", s.publishers);
  number(table, "--groups", s.groups);
  number(table, "--subscriptions", s.subscriptions);
  number(table, "--slow", s.slow);
  number(table, "--connecting", s.connecting);
  number(table, "--source-addresses", s.source_addresses);
  number(table, "--pad", s.padding);
  number(table, "--cpu", s.cpu);
  number(table, "--duration", s.duration);
  number(table, "--timeout", s.timeout);
  number(table, "--idle-secs", s.idle_seconds);
  number(table, "--settle", s.settle);
  number(table, "--rss-limit-mb", s.resident_limit_mb);
  return table;
}

std::map<std::string, bool*> flags() {
  auto& s = settings;
  return {{"--check-event-id", &s.check_event_id},
          {"--unordered", &s.unordered},
          {"--binary", &s.binary},
          {"--tree", &s.with_children},
          {"--idle-subscribe", &s.idle_subscribe},
          {"--verify-alive", &s.verify_alive}};
}

void check_ranges() {
  auto within = [](int value, int least, int most, const char* name) {
    if (value < least || value > most) {
      give_up(std::string{name} + " must be between " + std::to_string(least) + " and "
              + std::to_string(most));
    }
  };
  within(settings.connections, 1, 200'000, "-c");
  within(settings.depth, 1, 65'536, "-d");
  within(settings.subscribers, 1, 200'000, "--subs");
  within(settings.window, 1, 65'536, "--window");
  within(settings.groups, 1, 100'000, "--groups");
  within(settings.subscriptions, 1, settings.groups, "--subscriptions");
  if (settings.groups > std::int64_t(settings.subscribers) * settings.subscriptions) {
    give_up("a group would have no subscriber");
  }
  within(settings.publishers, 1, settings.groups, "--publishers");
  within(settings.source_addresses, 1, 250, "--source-addresses");
  if (settings.protocol != "dcrf" && settings.protocol != "sio") {
    give_up("--proto must be dcrf or sio");
  }
}

} // namespace

void give_up(const std::string& why) {
  std::fprintf(stderr, "dcrf-load: %s\n", why.c_str());
  std::exit(2);
}

void parse_options(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words[0] == "help" || words[0] == "--help") {
    std::fputs(help_text, stdout);
    std::exit(words.empty() ? 2 : 0);
  }
  settings.scenario = words[0];
  const auto valued = options_with_value();
  const auto switches = flags();
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (auto flag = switches.find(words[i]); flag != switches.end()) {
      *flag->second = true;
      continue;
    }
    auto option = valued.find(words[i]);
    if (option == valued.end()) {
      give_up("unknown option " + words[i]);
    }
    if (i + 1 == words.size()) {
      give_up(words[i] + " needs a value");
    }
    try {
      option->second(words[++i]);
    } catch (const std::invalid_argument& error) {
      give_up(option->first + ": " + error.what());
    }
  }
  check_ranges();
}

} // namespace load
