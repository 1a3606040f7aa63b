#include "client/conversation.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/errors.hpp"
#include "client/reply.hpp"

namespace client {

namespace asio = boost::asio;

conversation::conversation(const asio::any_io_executor& executor,
                           std::unique_ptr<connection> server, output& out, settings how)
    : executor_{executor}, server_{std::move(server)}, out_{out}, how_{how}, deadline_{executor} {}

asio::awaitable<void> conversation::run(request only) { return run(send(std::move(only))); }

asio::awaitable<void> conversation::run(line_reader& lines, request_maker& maker) {
  lines_ = &lines;
  return run(send_lines(lines, maker));
}

asio::awaitable<void> conversation::run(asio::awaitable<void> sender) {
  auto self = shared_from_this();
  co_await server_->open();
  is_open_ = true;
  // Whoever wants to stop it from here on closes the connection.
  if (is_stopping_) {
    throw connection_error{"interrupted"};
  }
  asio::co_spawn(executor_, std::move(sender), [self](const std::exception_ptr& error) {
    if (error) {
      self->fail(error);
    } else {
      self->send_done();
    }
  });
  try {
    while (auto frame = co_await server_->read()) {
      take(*frame);
    }
  } catch (const connection_error&) {
    if (!is_closing_) {
      fail(std::current_exception());
    }
  }
  deadline_.cancel();
  server_->abort();
  if (lines_ != nullptr) {
    lines_->cancel();
  }
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

asio::awaitable<void> conversation::send(request next) {
  unanswered_.insert(std::move(next.id));
  co_await server_->write(std::move(next.text));
  watch_for_replies();
}

asio::awaitable<void> conversation::send_lines(line_reader& lines, request_maker& maker) {
  out_.prompt();
  while (auto line = co_await lines.next()) {
    if (line->find_first_not_of(" \t") == std::string::npos) {
      out_.prompt();
      continue;
    }
    std::optional<request> next;
    try {
      next = maker.from_line(*line);
    } catch (const usage_error& error) {
      worsen(outcome::bad_line);
      out_.notice(how_.is_typed ? fmt::format("error: {}", error.what())
                                : fmt::format("error: line {}: {}", lines.count(), error.what()));
    }
    if (next) {
      co_await send(std::move(*next));
      out_.prompt();
    }
  }
}

void conversation::take(const std::string& frame) {
  out_.frame(frame);
  auto answer = read_reply(frame);
  if (!answer) {
    return;
  }
  auto waits = unanswered_.find(answer->id);
  if (waits == unanswered_.end()) {
    return;
  }
  unanswered_.erase(waits);
  if (answer->is_error()) {
    worsen(outcome::error_reply);
  }
  watch_for_replies();
  close_when_done();
}

void conversation::send_done() {
  is_sending_ = false;
  close_when_done();
}

void conversation::close_when_done() {
  bool has_replies = unanswered_.empty() || how_.is_typed;
  bool goes_on = how_.follow && result_ != outcome::error_reply;
  if (is_closing_ || is_sending_ || !(is_stopping_ || (has_replies && !goes_on))) {
    return;
  }
  is_closing_ = true;
  auto self = shared_from_this();
  asio::co_spawn(executor_, server_->close(), [self](const std::exception_ptr&) {});
}

void conversation::stop() {
  is_stopping_ = true;
  if (!is_open_) {
    server_->abort();
    return;
  }
  if (lines_ != nullptr) {
    lines_->cancel();
  }
  close_when_done();
}

void conversation::fail(std::exception_ptr why) {
  // What failed first is the reason for the rest.
  if (!failure_) {
    failure_ = std::move(why);
  }
  server_->abort();
}

void conversation::watch_for_replies() {
  if (how_.is_typed) {
    return;
  }
  deadline_.cancel();
  if (unanswered_.empty()) {
    return;
  }
  deadline_.expires_after(how_.timeout);
  deadline_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (error || self->unanswered_.empty()) {
      return;
    }
    auto what = fmt::format("no reply within {:g} s to the request {}",
                            std::chrono::duration<double>{self->how_.timeout}.count(),
                            *self->unanswered_.begin());
    self->fail(std::make_exception_ptr(connection_error{what}));
  });
}

void conversation::worsen(outcome at_least) { result_ = std::max(result_, at_least); }

} // namespace client
