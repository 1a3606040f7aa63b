#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace client {

/// Reads standard input line by line, be it a terminal, a pipe or a file, without holding up what
/// else there is to do.
class line_reader {
public:
  explicit line_reader(const boost::asio::any_io_executor& executor);

  /// The next line without its end; none at the end of the input, or when cancelled. Throws
  /// `usage_error` if the input can't be read.
  boost::asio::awaitable<std::optional<std::string>> next();

  /// How many lines have been read.
  [[nodiscard]] std::size_t count() const { return count_; }

  void cancel();

private:
  boost::asio::awaitable<void> read_some();
  std::optional<std::string> take_line();

  // Closed for a file, which is read without waiting.
  boost::asio::posix::stream_descriptor descriptor_;
  std::string read_;
  std::size_t count_ = 0;
  bool is_at_end_ = false;
};

} // namespace client
