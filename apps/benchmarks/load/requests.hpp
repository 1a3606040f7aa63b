#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "connection.hpp"
#include "message_template.hpp"

namespace load {

/// Sends a request under the connection's next id.
/// @param time When it counts as sent, in nanoseconds.
/// @param sequence What `{seq}` and `{mark}` stand for.
void send_request(connection& client, const message_template& request, std::uint64_t time,
                  std::uint64_t sequence = 0, std::uint64_t group = 1);

/// Finds the request that a message answers and counts what is wrong with the answer.
/// @param status The one to be expected, -1 for any.
/// @param check_content Whether `--expect` and `--check-pk` apply.
/// @returns When the request was sent; nothing if the message closes none.
std::optional<std::uint64_t> match_reply(connection& client, std::string_view message,
                                         std::int64_t status, bool check_content);

} // namespace load
