#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dcrf::internal {

/// How clients are spoken to that come in somewhere.
enum class entrance : std::uint8_t {
  http,
  https,
  redirect, // to HTTPS
};

/// Where clients come in.
struct listen_address {
  /// An address in numbers, or a name; empty if it is a path.
  std::string host;
  std::uint16_t port = 0;
  std::string path;
  entrance how = entrance::http;

  /// As in the line that says where a server listens.
  [[nodiscard]] std::string to_string() const;
};

/// Reads `HOST:PORT`, `http://HOST:PORT`, `https://HOST:PORT` or `unix:PATH`; none if it is none.
/// @param how if it does not say so, and is no path
[[nodiscard]] std::optional<listen_address> parse_listen_address(std::string_view text,
                                                                 entrance how);

/// The bits of a mode as `chmod` takes it, in octal; none if it is none.
[[nodiscard]] std::optional<unsigned> parse_mode(std::string_view text);

} // namespace dcrf::internal
