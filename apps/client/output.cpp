#include "client/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "client/errors.hpp"
#include "client/json.hpp"

namespace client {

namespace {

// Back to the start of the line, whose prompt is wiped away.
constexpr std::string_view wipe = "\r\x1b[K";
constexpr std::string_view prompt_text = "> ";

void write(std::FILE* file, std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file) != text.size() || std::fflush(file) != 0) {
    throw usage_error{std::string{"standard output: "} + std::strerror(errno)};
  }
}

bool is_control(unsigned char c) { return (c < ' ' && c != '\n' && c != '\t') || c == 0x7f; }

} // namespace

output::output(bool is_pretty, bool is_conversation)
    : is_pretty_{is_pretty},
      is_conversation_{is_conversation},
      is_terminal_{::isatty(STDOUT_FILENO) != 0} {}

void output::frame(std::string_view text) {
  auto shown = layout(text, is_pretty_);
  if (is_terminal_) {
    shown = printable(shown);
  }
  if (is_conversation_) {
    shown = fmt::format("{}< {}\n{}", wipe, shown, prompt_text);
  } else {
    shown += '\n';
  }
  write(stdout, shown);
}

void output::notice(std::string_view text) {
  if (is_conversation_) {
    write(stdout, wipe);
  }
  fmt::print(stderr, "{}\n", printable(text));
  if (is_conversation_) {
    prompt();
  }
}

void output::prompt() {
  if (is_conversation_) {
    write(stdout, prompt_text);
  }
}

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto c = static_cast<unsigned char>(text[at]);
    auto next = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0U;
    if (is_control(c)) {
      result += fmt::format("\\u{:04x}", c);
    } else if (c == 0xc2 && next >= 0x80 && next < 0xa0) {
      // U+0080 to U+009F, among them another way to begin an escape sequence.
      result += fmt::format("\\u{:04x}", next);
      ++at;
    } else {
      result += text[at];
    }
  }
  return result;
}

std::string layout(std::string_view frame, bool is_pretty) {
  // JSON that is in one line already stays as it is, digit for digit.
  if (!is_pretty && frame.find('\n') == std::string_view::npos) {
    return std::string{frame};
  }
  try {
    return parse_json(frame).dump(is_pretty ? 2 : -1);
  } catch (const usage_error&) {
    return std::string{frame};
  }
}

} // namespace client
