#include "client/program.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>

#include "client/backoff.hpp"
#include "client/conversation.hpp"
#include "client/errors.hpp"

namespace client {

namespace {

namespace asio = boost::asio;

constexpr int status_of_usage_error = 2;
constexpr int status_of_connection_error = 3;
constexpr int status_of_interruption = 130;

class program {
public:
  explicit program(const command_line& line)
      : line_{line},
        maker_{line.stream},
        is_typed_{line.words.empty() && ::isatty(STDIN_FILENO) != 0
                  && ::isatty(STDOUT_FILENO) != 0},
        out_{line.pretty, is_typed_},
        delay_{io_},
        signals_{io_, SIGINT, SIGTERM} {}

  int run() {
    std::exception_ptr failure;
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (!error) {
        interrupt();
      }
    });
    auto main = line_.words.empty() ? converse() : line_.follow ? follow() : ask();
    asio::co_spawn(io_, std::move(main), [this, &failure](const std::exception_ptr& error) {
      failure = error;
      signals_.cancel();
      // Anything that still waits, waits for nothing.
      io_.stop();
    });
    io_.run();
    return status(failure);
  }

private:
  // An action and its reply.
  asio::awaitable<void> ask() { co_await begin()->run(maker_.from_words(line_.words)); }

  // What standard input says.
  asio::awaitable<void> converse() {
    line_reader lines{io_.get_executor()};
    co_await begin()->run(lines, maker_);
  }

  // An action, and what comes after its reply, through all connections that it takes.
  asio::awaitable<void> follow() {
    auto request = maker_.from_words(line_.words);
    backoff delays;
    bool was_open = false;
    while (!is_interrupted_) {
      std::string why;
      std::optional<std::chrono::milliseconds> wanted;
      auto current = begin();
      try {
        co_await current->run(request);
        co_return;
      } catch (const refused_error&) {
        throw;
      } catch (const connection_error& error) {
        was_open = was_open || current->is_open();
        // A server that was never there is more likely a wrong URL.
        if (!was_open || is_interrupted_) {
          throw;
        }
        why = error.what();
        wanted = error.retry_after;
      }
      if (current->is_open()) {
        delays.reset();
      }
      auto delay = wanted ? *wanted : delays.next();
      out_.notice(fmt::format("{}; connecting again in {:.1f} s", why,
                              std::chrono::duration<double>{delay}.count()));
      boost::system::error_code cancelled;
      delay_.expires_after(delay);
      co_await delay_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
  }

  conversation* begin() {
    conversation::settings how{line_.timeout, line_.follow, is_typed_};
    conversation_ = std::make_shared<conversation>(
        io_.get_executor(), make_connection(io_.get_executor(), line_), out_, how);
    return conversation_.get();
  }

  // The second signal has its usual effect.
  void interrupt() {
    is_interrupted_ = true;
    signals_.clear();
    delay_.cancel();
    if (conversation_) {
      conversation_->stop();
    }
  }

  int status(const std::exception_ptr& failure) {
    bool ends_by_interruption = line_.follow || is_typed_;
    if (is_interrupted_) {
      return ends_by_interruption ? 0 : status_of_interruption;
    }
    try {
      if (failure) {
        std::rethrow_exception(failure);
      }
    } catch (const usage_error& error) {
      out_.notice(fmt::format("error: {}", error.what()));
      return status_of_usage_error;
    } catch (const connection_error& error) {
      out_.notice(fmt::format("error: {}", error.what()));
      return status_of_connection_error;
    }
    return is_typed_ ? 0 : static_cast<int>(conversation_->result());
  }

  const command_line& line_;
  asio::io_context io_;
  request_maker maker_;
  bool is_typed_;
  output out_;
  asio::steady_timer delay_;
  asio::signal_set signals_;
  std::shared_ptr<conversation> conversation_;
  bool is_interrupted_ = false;
};

} // namespace

int run(const command_line& line) { return program{line}.run(); }

} // namespace client
