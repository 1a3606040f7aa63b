#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <set>
#include <string>

#include "client/connection.hpp"
#include "client/line_reader.hpp"
#include "client/output.hpp"
#include "client/request.hpp"

namespace client {

/// How a run went, worst last; the numbers are exit statuses.
enum class outcome { good = 0, error_reply = 1, bad_line = 2 };

/// What is sent over one connection, and what comes back.
class conversation : public std::enable_shared_from_this<conversation> {
public:
  struct settings {
    std::chrono::milliseconds timeout;
    /// Goes on after the last reply.
    bool follow = false;
    /// A user types at a terminal, who sees what goes wrong, and waits as long as they like.
    bool is_typed = false;
  };

  conversation(const boost::asio::any_io_executor& executor, std::unique_ptr<connection> server,
               output& out, settings how);

  /// Sends one request, and waits for its reply. Throws `connection_error`.
  boost::asio::awaitable<void> run(request only);

  /// Sends what the lines say, and waits for the replies. Throws `connection_error` and, if the
  /// lines can't be read, `usage_error`.
  boost::asio::awaitable<void> run(line_reader& lines, request_maker& maker);

  /// Ends it: by closing the connection if it is open.
  void stop();

  [[nodiscard]] bool is_open() const { return is_open_; }
  [[nodiscard]] outcome result() const { return result_; }

private:
  boost::asio::awaitable<void> run(boost::asio::awaitable<void> sender);
  boost::asio::awaitable<void> send(request next);
  boost::asio::awaitable<void> send_lines(line_reader& lines, request_maker& maker);
  void take(const std::string& frame);
  void send_done();
  void close_when_done();
  void fail(std::exception_ptr why);
  void watch_for_replies();
  void worsen(outcome at_least);

  boost::asio::any_io_executor executor_;
  std::unique_ptr<connection> server_;
  output& out_;
  settings how_;
  line_reader* lines_ = nullptr;
  /// Runs while replies are waited for.
  boost::asio::steady_timer deadline_;
  std::multiset<std::string> unanswered_;
  std::exception_ptr failure_;
  outcome result_ = outcome::good;
  bool is_open_ = false;
  bool is_sending_ = true;
  bool is_stopping_ = false;
  bool is_closing_ = false;
};

} // namespace client
