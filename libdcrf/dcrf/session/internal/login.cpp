#include "dcrf/session/internal/login.hpp"

#include "dcrf/json/json_writer.hpp"
#include "dcrf/protocol/errors.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>

namespace dcrf {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view token_prefix = "Bearer ";

// No timer runs longer, and none longer than clocks count.
constexpr milliseconds longest_sleep = std::chrono::hours{24};
constexpr milliseconds longest_login = std::chrono::hours{24} * 365 * 100;

milliseconds left_until(const timestamp& x) {
  auto left = x.time - timestamp::now().time;
  return std::clamp(std::chrono::duration_cast<milliseconds>(left), milliseconds{0}, longest_login);
}

// Seconds since 1970, as tokens count.
json_text expiry_of(const user_info& user) {
  std::string result;
  json_writer writer{result};
  writer.begin_object().key("expires");
  if (user.expires) {
    writer.integer(std::int64_t{user.expires->microseconds() / 1'000'000});
  } else {
    writer.null();
  }
  writer.end_object();
  return json_text::trusted(std::move(result));
}

scope with_token(scope connection, std::string_view token) {
  std::erase_if(connection.headers, [](const auto& x) { return x.first == "authorization"; });
  connection.headers.emplace_back("authorization", std::string{token_prefix} + std::string{token});
  return connection;
}

} // namespace

login::login(session_context& context, const runtime& within, login_owner& owner,
             authentication how, const scope& connection)
    : context_(&context),
      runtime_(&within),
      owner_(&owner),
      how_(std::move(how)),
      scope_(&connection) {
  start_to_watch();
}

task<std::optional<response>> login::renew(const request& req) {
  auto token = req.argument("token");
  if (!token || token->type() != json_type::text) {
    throw validation_error("token", "This field is required.");
  }
  auto asked = with_token(*scope_, token->text());
  std::exception_ptr error;
  ++asking_;
  try {
    auto user = co_await how_.ask(asked, *runtime_);
    take(user, asked);
  } catch (...) {
    error = std::current_exception();
  }
  --asking_;
  if (asking_ == 0 && afterwards_) {
    std::exchange(afterwards_, nullptr)();
  }
  if (error) {
    std::rethrow_exception(error);
  }
  co_return response::ok(expiry_of(scope_->user));
}

void login::take(const user_info& user, const scope& asked) {
  if (!user.is_authenticated()) {
    throw authentication_failed();
  }
  // What was decided for one user, subscriptions above all, must not go on for another.
  if (scope_->user.is_authenticated() && user.pk != scope_->user.pk) {
    throw permission_denied("The token is of another user.");
  }
  token_ = asked.headers.back().second.substr(token_prefix.size());
  ++renewals_;
  owner_->user_changed(user);
  start_to_watch();
}

void login::follow_expiry() {
  if (scope_->user.expires != end_) {
    start_to_watch();
  }
}

// What watches belongs to no action.
void login::start_to_watch() {
  end_ = scope_->user.expires;
  std::optional<milliseconds> left;
  if (is_missing()) {
    left = *how_.patience;
  } else if (scope_->user.expires) {
    left = left_until(*scope_->user.expires);
  }
  watching_ = {};
  if (left) {
    auto* outer = context_->current();
    context_->current(nullptr);
    watching_ = watch(*left);
    watching_.start();
    context_->current(outer);
  }
}

task<> login::watch(milliseconds left) {
  auto end = context_->now() + left;
  auto before = std::min(how_.notice, left / 2);
  if (how_.takes_tokens && !is_missing() && before > milliseconds{0}) {
    co_await sleep_until(end - before);
    owner_->notify(envelope("[]", expiry_of(scope_->user).str(), R"("expiring")", 205, "null"));
  }
  co_await sleep_until(end);
  owner_->end_connection(not_authenticated_code);
}

task<> login::sleep_until(clock::time_point time) {
  while (context_->now() < time) {
    auto left = std::chrono::ceil<milliseconds>(time - context_->now());
    co_await runtime_->sleep(std::min(left, longest_sleep));
  }
}

scope login::latest() const { return token_.empty() ? *scope_ : with_token(*scope_, token_); }

} // namespace dcrf
