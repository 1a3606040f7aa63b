#pragma once

#include "dcrf/protocol/request.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace dcrf {

/// What logs say of a request: who asked which consumer for what, under which id. Nothing of its
/// arguments, which may be secrets; what the client chose is cut where it is long.
[[nodiscard]] std::string subject_of(const request& req, std::string_view consumer);

/// The line of a request that was answered.
/// @param status 0 if it was left without a reply
[[nodiscard]] std::string request_line(const request& req, std::string_view consumer,
                                       unsigned status, std::chrono::nanoseconds took);

} // namespace dcrf
