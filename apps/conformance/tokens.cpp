#include "conformance/tokens.hpp"

#include "dcrf/identity/bearer_tokens.hpp"

#include <array>
#include <chrono>

namespace conformance {

namespace {

constexpr std::chrono::seconds time_for_a_token{5};
constexpr std::chrono::seconds leeway{10};

// [user]
dcrf::task<dcrf::user_info> user_of(const dcrf::token_claims& claims, const dcrf::runtime&) {
  auto all = claims.all.to_json();
  dcrf::user_info result;
  result.extra = claims.all;
  for (const auto* name : std::array{"preferred_username", "username", "sub"}) {
    if (auto found = all.find(name); found != all.end() && found->is_string()) {
      result.username = found->get<std::string>();
      break;
    }
  }
  if (result.username.empty()) {
    throw dcrf::authentication_failed("The token does not say whom it is about.");
  }
  result.pk = claims.subject.empty() ? result.username : claims.subject;
  co_return result;
}
// [user]

dcrf::task<dcrf::user_info> nobody(const dcrf::scope& connection, const dcrf::runtime&) {
  if (dcrf::bearer_token(connection)) {
    throw dcrf::authentication_failed();
  }
  co_return dcrf::user_info{};
}

dcrf::authentication tokens_of(const std::string& keys_file) {
  if (!keys_file.empty()) {
    // [tokens]
    return dcrf::bearer_tokens({.keys_file = keys_file,
                                .algorithms = {"HS256", "RS256"},
                                .issuer = "conformance",
                                .audience = "dcrf",
                                .leeway = leeway},
                               &user_of);
    // [tokens]
  }
  dcrf::authentication result{dcrf::authenticator{&nobody}};
  result.takes_tokens = true;
  return result;
}

} // namespace

dcrf::response token_consumer::echo(dcrf::json args) { return dcrf::response::ok(args); }

dcrf::response token_consumer::whoami() {
  auto expires = user().expires ? user().expires->microseconds() / 1'000'000 : 0;
  return dcrf::response::ok(dcrf::json{
      {"username", user().username}, {"claims", user().extra.to_json()}, {"expires", expires}});
}

void add_tokens(dcrf::server& server, const std::string& keys_file) {
  // [route]
  auto how = tokens_of(keys_file);
  how.patience = time_for_a_token;
  server.websocket<token_consumer>("/ws/tokens/", {.authentication = std::move(how)});
  // [route]
}

} // namespace conformance
