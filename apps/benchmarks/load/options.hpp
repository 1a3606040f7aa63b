#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace load {

/// What the command line asks for; `help_text` in options.cpp says what each option means.
struct options {
  std::string scenario;
  std::string host = "127.0.0.1";
  std::string path = "/";
  std::string label;
  int port = 80;
  std::vector<std::string> headers;
  std::string subprotocol;

  std::string protocol = "dcrf";
  std::string id_key = "request_id";
  std::string status_key = "response_status";
  std::int64_t status = 200; // -1: not checked
  std::string expect;
  std::string check_key;
  std::int64_t lowest_key = 1;
  std::int64_t highest_key = 1;
  std::string request_template = R"({"action":"retrieve","request_id":{id},"pk":{pk}})";
  std::string subscribe_template = R"({"action":"subscribe","request_id":{id}})";
  std::int64_t subscribe_status = -1;
  std::string publish_template =
      R"({"action":"create","request_id":{id},"data":{"room":1,"text":"{mark}{pad}","user":1}})";
  std::int64_t publish_status = 201;
  std::string event_expect;
  bool check_event_id = false;
  bool unordered = false;
  bool binary = false;

  int connections = 16;
  int depth = 1;
  int window = 16;
  int subscribers = 100;
  int publishers = 1;
  int groups = 1;
  int subscriptions = 1;
  int slow = 10;
  int connecting = 64;
  int source_addresses = 1;
  int padding = 100;
  std::uint64_t count = 1'000'000'000;
  std::uint64_t warmup = 200;
  std::uint64_t rate = 0;
  double duration = 5;
  double timeout = 60;
  double idle_seconds = 3;
  double settle = 0.3;
  double resident_limit_mb = 0;
  bool idle_subscribe = false;
  bool verify_alive = false;
  std::vector<int> processes;
  bool with_children = false;
  int cpu = -1;

  [[nodiscard]] bool is_socket_io() const { return protocol == "sio"; }
};

/// The options of this process; written once, by `parse_options`.
inline options settings;

/// Fills `settings`. Ends the process when help is asked for, and with 2 on a wrong command line.
void parse_options(int argc, char** argv);

/// Says why on the standard error output, and ends the process with 2.
[[noreturn]] void give_up(const std::string& why);

} // namespace load
