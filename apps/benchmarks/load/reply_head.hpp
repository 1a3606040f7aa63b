#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace load {

/// What tells which request a reply answers, and how.
struct reply_head {
  std::optional<std::uint64_t> id;
  std::optional<std::int64_t> status;
};

/// Reads the head of a reply without building a tree: the id and the status among the members of an
/// object of JSON (not of those nested in it), or the head of a socket.io acknowledgement.
reply_head read_head(std::string_view message);

/// The integer under the first member of that name, however deep.
std::optional<std::int64_t> find_integer(std::string_view message, const std::string& name);

} // namespace load
