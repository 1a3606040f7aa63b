#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/endpoint.hpp"

namespace client {

/// What the command line says.
struct command_line {
  endpoint server;
  /// The action and its arguments; none to read requests from standard input.
  std::vector<std::string> words;

  bool follow = false;
  bool pretty = false;
  bool insecure = false;
  bool help = false;
  bool version = false;
  std::optional<std::string> stream;
  std::optional<std::string> authority_file;
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds timeout{10'000};
};

/// Throws `usage_error`.
command_line parse_command_line(std::span<const char* const> arguments);

/// What `--help` prints.
std::string_view help_text();

} // namespace client
