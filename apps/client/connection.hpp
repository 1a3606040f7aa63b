#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>

#include "client/command_line.hpp"

namespace client {

/// One WebSocket connection. Its operations throw `connection_error`.
class connection {
public:
  virtual ~connection() = default;

  /// Connects, with TLS if the URL says so, and shakes hands; throws `refused_error` if the server
  /// answers that it doesn't want to.
  virtual boost::asio::awaitable<void> open() = 0;

  /// The next frame; none when `close()` has been answered.
  virtual boost::asio::awaitable<std::optional<std::string>> read() = 0;

  /// @pre the write before has ended
  virtual boost::asio::awaitable<void> write(std::string frame) = 0;

  /// Ends the connection as the protocol wants it; a `read()` must be waiting.
  /// @pre the write before has ended
  virtual boost::asio::awaitable<void> close() = 0;

  /// Drops the connection: what waits for it fails.
  virtual void abort() = 0;
};

std::unique_ptr<connection> make_connection(const boost::asio::any_io_executor& executor,
                                            const command_line& line);

} // namespace client
