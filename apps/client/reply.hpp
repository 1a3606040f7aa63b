#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace client {

/// What matters here of a reply or an event.
struct reply {
  /// The request's id, as JSON.
  std::string id;
  int status = 0;

  [[nodiscard]] bool is_error() const { return status >= 400; }
};

/// None if the frame is none: an application may send what it likes.
std::optional<reply> read_reply(std::string_view frame);

} // namespace client
