#include "dcrf/identity/bearer_tokens.hpp"

#include "dcrf/protocol/errors.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace dcrf {

namespace {

task<user_info> subject_of(const token_claims& claims, const runtime&) {
  if (claims.subject.empty()) {
    throw authentication_failed("The token does not say whom it is about.");
  }
  user_info result;
  result.pk = claims.subject;
  result.username = claims.subject;
  result.extra = claims.all;
  co_return result;
}

struct token_asking {
  token_asking(token_rules rules, token_user x)
      : verifier(std::move(rules)), find(x ? std::move(x) : token_user{&subject_of}) {}

  task<user_info> ask(const scope& connection, const runtime& within) const {
    auto token = bearer_token(connection);
    if (!token) {
      co_return user_info{};
    }
    std::exception_ptr refused;
    token_claims claims;
    try {
      claims = verifier.verify(*token);
    } catch (...) {
      refused = std::current_exception();
    }
    if (auto failure = verifier.take_failure()) {
      within.where().log_failure("reading keys", failure);
    }
    if (refused) {
      std::rethrow_exception(refused);
    }
    auto result = co_await find(claims, within);
    result.expires = std::min(result.expires.value_or(claims.expires), claims.expires);
    co_return result;
  }

  token_verifier verifier;
  token_user find;
};

} // namespace

authentication bearer_tokens(token_rules rules, token_user find) {
  auto asking = std::make_shared<const token_asking>(std::move(rules), std::move(find));
  authentication result;
  result.ask = [asking](const scope& connection, const runtime& within) {
    return asking->ask(connection, within);
  };
  result.takes_tokens = true;
  return result;
}

} // namespace dcrf
