#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <string_view>

namespace conformance {

/// The ways in which an action can fail.
enum class failure {
  validation_text,
  validation_list,
  validation_dict,
  validation_nested,
  parse,
  not_authenticated,
  authentication_failed,
  permission_denied,
  permission_denied_text,
  not_found,
  http404,
  method_not_allowed,
  throttled,
  throttled_wait,
  api,
  teapot,
  crash,
};
BOOST_DESCRIBE_ENUM(failure, validation_text, validation_list, validation_dict, validation_nested,
                    parse, not_authenticated, authentication_failed, permission_denied,
                    permission_denied_text, not_found, http404, method_not_allowed, throttled,
                    throttled_wait, api, teapot, crash)

/// Fails in one of these ways.
[[noreturn]] void fail_with(failure kind);

/// Refuses to answer a request so often that others would have to wait.
/// @throws dcrf::validation_error naming the argument
void check_answers(std::string_view argument, std::int64_t answers);

} // namespace conformance
