#pragma once

#include "dcrf/json/json_text.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace dcrf {

/// What an action yields: the data and the status of its reply.
struct response {
  json_text data;
  /// In HTTP's terms; but it is the application's, and any number will do.
  std::int64_t status = 200;

  static response ok(json_text data = {}) { return {std::move(data), 200}; }
  static response created(json_text data = {}) { return {std::move(data), 201}; }
  static response accepted(json_text data = {}) { return {std::move(data), 202}; }
  static response no_content() { return {json_text{}, 204}; }
};

/// A reply or an event on the wire, but for its request id: everything up to it, the colon
/// included.
/// @param action a JSON value: a name in quotes, or `null`
std::string envelope_head(std::string_view errors, std::string_view data, std::string_view action,
                          std::int64_t status);

/// A whole reply or event.
/// @param action, request_id JSON values
std::string envelope(std::string_view errors, std::string_view data, std::string_view action,
                     std::int64_t status, std::string_view request_id);

} // namespace dcrf
