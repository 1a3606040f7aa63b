#include "dcrf/session/internal/connection_user.hpp"

#include "dcrf/protocol/errors.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace dcrf {

namespace {

constexpr std::string_view token_subprotocol = "dcrf";

// Beside this one, browsers bring tokens.
bool offers_token_subprotocol(const scope& connection) {
  auto offered = connection.subprotocols();
  return std::ranges::find(offered, token_subprotocol) != offered.end();
}

// A page in a browser, which brings its token as a subprotocol, sees no status: a close code tells
// it why it is refused.
bool is_told_by_close(const authentication& how, const scope& connection,
                      const std::exception_ptr& error) {
  return how.takes_tokens && report_of(error).status() == 401
         && offers_token_subprotocol(connection);
}

} // namespace

task<bool> connection_user::identify(authentication how) {
  if (!how.ask) {
    co_return true;
  }
  if (how.takes_tokens && offers_token_subprotocol(*scope_)) {
    context_->choose_subprotocol(std::string{token_subprotocol});
  }
  std::exception_ptr error;
  try {
    scope_->user = co_await how.ask(*scope_, *runtime_);
  } catch (...) {
    error = std::current_exception();
  }
  if (error) {
    if (is_told_by_close(how, *scope_, error)) {
      co_return false;
    }
    std::rethrow_exception(error);
  }
  if (login::is_needed(how, scope_->user)) {
    login_ = std::make_unique<login>(*context_, *runtime_, *owner_, std::move(how), *scope_);
  }
  co_return true;
}

// -- asking again ---------------------------------------------------------------------------------

void connection_user::check_again(const authentication& how, bool is_connecting) {
  if (is_connecting) {
    check_when_open_ = std::make_unique<authentication>(how);
    return;
  }
  if (is_asking()) {
    login_->afterwards([this, how] { start_check(how); });
  }
  start_check(how);
}

void connection_user::opened() {
  if (check_when_open_) {
    start_check(*std::exchange(check_when_open_, nullptr));
  }
}

// It waits for no turn: what runs meanwhile may take long.
void connection_user::start_check(authentication how) {
  auto* outer = context_->current();
  context_->current(nullptr);
  checking_ = check(std::move(how));
  checking_.start();
  context_->current(outer);
}

task<> connection_user::check(authentication how) {
  std::exception_ptr error;
  bool stays = false;
  try {
    stays = co_await may_stay(how);
  } catch (...) {
    error = std::current_exception();
  }
  if (error) {
    // Who can't be asked about is told nothing more.
    context_->log_failure("asking again what is allowed", error);
    owner_->end_connection(try_again_later_code);
  } else if (!stays) {
    owner_->end_connection(forbidden_code);
  }
}

task<bool> connection_user::may_stay(const authentication& how) {
  if (how.ask) {
    std::optional<user_info> user;
    std::size_t renewals = 0;
    // A token that has come meanwhile is newer than the answer.
    do {
      renewals = login_ ? login_->renewals() : 0;
      user = co_await ask_again(how);
    } while (login_ && login_->renewals() != renewals);
    if (!user) {
      co_return false;
    }
    owner_->user_changed(*user);
    follow_expiry(how);
  }
  co_return co_await owner_->check_rights();
}

// The end may be another one now.
void connection_user::follow_expiry(const authentication& how) {
  if (login_) {
    login_->follow_expiry();
  } else if (login::is_needed(how, scope_->user)) {
    login_ = std::make_unique<login>(*context_, *runtime_, *owner_, how, *scope_);
  }
}

// Nothing if it is not the one that it was.
task<std::optional<user_info>> connection_user::ask_again(const authentication& how) {
  auto asked = login_ ? login_->latest() : *scope_;
  std::optional<user_info> result;
  try {
    result = co_await how.ask(asked, *runtime_);
  } catch (const api_exception& refused) {
    if (refused.status() >= 500) {
      throw;
    }
  }
  if (result && scope_->user.is_authenticated() && result->pk != scope_->user.pk) {
    result.reset();
  }
  co_return result;
}

void connection_user::stop() {
  checking_ = {};
  if (login_) {
    login_->stop();
  }
}

} // namespace dcrf
