#pragma once

#include <string>
#include <string_view>

namespace client {

/// Prints frames on standard output, and what is to be said about them on standard error.
class output {
public:
  /// In a conversation frames are marked with `< `, and there is a prompt.
  output(bool is_pretty, bool is_conversation);

  /// Throws `usage_error` if it can't be written.
  void frame(std::string_view text);
  void notice(std::string_view text);
  void prompt();

private:
  bool is_pretty_;
  bool is_conversation_;
  bool is_terminal_;
};

/// A text as it may be shown on a terminal: control characters, with which a server could change
/// what the terminal shows, are written as JSON would.
std::string printable(std::string_view text);

/// A frame as it is printed: JSON in one line, or in several if it is to be pretty; anything else
/// as it came.
std::string layout(std::string_view frame, bool is_pretty);

} // namespace client
