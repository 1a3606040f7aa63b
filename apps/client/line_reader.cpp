#include "client/line_reader.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "client/errors.hpp"

namespace client {

namespace asio = boost::asio;

line_reader::line_reader(const asio::any_io_executor& executor) : descriptor_{executor} {
  if (int own = ::dup(STDIN_FILENO); own != -1) {
    descriptor_.assign(own);
  }
}

asio::awaitable<std::optional<std::string>> line_reader::next() {
  while (!is_at_end_ && read_.find('\n') == std::string::npos) {
    co_await read_some();
  }
  co_return take_line();
}

std::optional<std::string> line_reader::take_line() {
  auto end = read_.find('\n');
  if (end == std::string::npos && read_.empty()) {
    return {};
  }
  ++count_;
  auto line = read_.substr(0, end);
  read_.erase(0, end == std::string::npos ? end : end + 1);
  if (line.ends_with('\r')) {
    line.pop_back();
  }
  return line;
}

asio::awaitable<void> line_reader::read_some() {
  if (descriptor_.is_open()) {
    boost::system::error_code error;
    co_await descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                                    asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_not_supported) {
      // A file, which never has to be waited for.
      descriptor_.close();
    } else if (error) {
      is_at_end_ = true;
      read_.clear();
      co_return;
    }
  }
  std::array<char, 65536> bytes;
  auto size = ::read(STDIN_FILENO, bytes.data(), bytes.size());
  if (size < 0 && errno != EINTR && errno != EAGAIN) {
    throw usage_error{std::string{"standard input: "} + std::strerror(errno)};
  }
  if (size > 0) {
    read_.append(bytes.data(), std::size_t(size));
  }
  is_at_end_ = size == 0;
}

void line_reader::cancel() {
  is_at_end_ = true;
  read_.clear();
  if (descriptor_.is_open()) {
    descriptor_.cancel();
  }
}

} // namespace client
