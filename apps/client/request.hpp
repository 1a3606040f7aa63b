#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "client/json.hpp"

namespace client {

/// A frame to be sent, and the id that its reply will bear, as JSON.
struct request {
  std::string id;
  std::string text;
};

/// Makes requests of what was typed, each with an id of its own unless it brings one.
class request_maker {
public:
  /// With a stream, requests are put into its envelope.
  explicit request_maker(std::optional<std::string> stream = {}) : stream_{std::move(stream)} {}

  /// An action and its arguments, or one JSON object. An argument is `key=value` or a JSON object
  /// with several. A key with dots leads into objects; a value that is JSON is sent as such, any
  /// other as text. Throws `usage_error`.
  request from_words(std::span<const std::string> words);

  /// The same from a line, whose words are quoted as in a shell; a JSON object needs no quotes.
  request from_line(std::string_view line);

private:
  request finish(json frame);

  std::optional<std::string> stream_;
  std::uint64_t last_id_ = 0;
};

} // namespace client
