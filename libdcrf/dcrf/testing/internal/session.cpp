#include "dcrf/testing/internal/session.hpp"

#include "dcrf/testing/internal/state.hpp"

#include <exception>
#include <iostream>

namespace dcrf {

namespace {

// As a server closes when events pile up.
constexpr std::uint16_t try_again_later = 1013;

std::string words_for(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

} // namespace

// -- the connection -------------------------------------------------------------------------------

void test_server::session::start(dcrf::scope connection, const endpoint& make) {
  handler_ = make(*this, std::move(connection));
  handler_->connect(server_.authenticating);
}

void test_server::session::receive(std::string_view frame, bool is_text) {
  if (handler_) {
    handler_->receive(frame, is_text);
  }
}

void test_server::session::disconnect() {
  if (handler_ && !is_finished_) {
    handler_->disconnect(close_code.value_or(1000));
  }
}

void test_server::session::refuse(unsigned status) {
  refused_with = status;
  post(guarded([this] { disconnect(); }));
}

void test_server::session::close(std::uint16_t code) {
  if (!close_code) {
    close_code = code;
    handler_->stop();
    post(guarded([this] { disconnect(); }));
  }
}

void test_server::session::queued() {
  if (budget_.is_exceeded()) {
    close(try_again_later);
  }
}

// -- what the consumer awaits ---------------------------------------------------------------------

void test_server::session::post(std::function<void()> guarded_work) {
  server_.loop.post(std::move(guarded_work));
}

void test_server::session::submit(command x, ticket answer) {
  auto done = [&server = server_, self = weak_from_this(), answer](store_result result) {
    server.loop.post([&server, self, answer, result = std::move(result)] {
      if (auto alive = self.lock()) {
        alive->finish(answer, result);
      } else if (result.transaction != 0) {
        server.queue.abandon(result.transaction);
      }
    });
  };
  server_.has_unseen = server_.has_unseen || is_silent(x);
  server_.queue.push(std::move(x), std::move(done));
}

void test_server::session::sleep(std::chrono::milliseconds duration, ticket answer) {
  server_.loop.after(duration, guarded([this, answer] { finish(answer, {}); }));
}

void test_server::session::offload(std::function<void()> work, ticket answer) {
  post(guarded([this, work = std::move(work), answer] {
    work();
    finish(answer, {});
  }));
}

void test_server::session::abandon(std::uint64_t transaction) {
  server_.queue.abandon(transaction);
}

// -- groups ---------------------------------------------------------------------------------------

channel_layer& test_server::session::channels() { return server_.channels; }

void test_server::session::join(const group_name& x, group_member& member, ticket answer) {
  server_.channels.join(x, this, &member);
  finish(answer, {});
}

void test_server::session::leave(const group_name& x, group_member& member) {
  server_.channels.leave(x, &member);
}

void test_server::session::watch_list(list_question x, std::shared_ptr<list_state_ptr> to,
                                      ticket answer) {
  auto done = [&server = server_, self = weak_from_this(), to, answer](list_state_ptr found) {
    server.loop.post([self, to, answer, found = std::move(found)] {
      *to = found;
      if (auto alive = self.lock()) {
        alive->finish(answer, {});
      }
    });
  };
  server_.lists.ask(std::move(x), std::move(done));
}

void test_server::session::deliver(group_member* member, group_message_ptr message) {
  post(guarded([this, member, message = std::move(message)]() mutable {
    if (server_.channels.is_member(message->target, member)) {
      member->deliver(std::move(message));
    }
  }));
}

// -- what is shared -------------------------------------------------------------------------------

void test_server::session::log_failure(std::string_view where, const std::exception_ptr& error) {
  server_.failures.push_back(std::string{where} + ": " + words_for(error));
  std::cerr << "dcrf::test_server: " << server_.failures.back() << '\n';
}

frame_reader& test_server::session::reader() { return server_.reader; }

throttle_history& test_server::session::throttling() { return server_.throttling; }

std::chrono::steady_clock::time_point test_server::session::now() const {
  return std::chrono::steady_clock::time_point{server_.loop.now()};
}

std::uint64_t test_server::session::version() { return server_.db.version(); }

} // namespace dcrf
