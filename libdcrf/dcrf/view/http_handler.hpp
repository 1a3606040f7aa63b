#pragma once

#include "dcrf/runtime/authenticator.hpp"
#include "dcrf/view/http.hpp"

#include <exception>
#include <functional>

namespace dcrf {

/// Answers HTTP requests of one route and method. It runs on the I/O thread of its connection; the
/// request lives as long as the task.
using http_handler = std::function<task<http_response>(http_request&, const runtime&)>;

/// Says that a handler does not need to know who asks: nobody looks for the user of its requests,
/// so it answers without the database, too.
///
///     server.http("GET", "/version", &version, dcrf::without_user);
struct without_user_t {};
inline constexpr without_user_t without_user{};

/// The answer to a request whose handler ended with an exception, as DRF's views answer: see
/// error_report.
/// @param error not null
http_response http_response_of(const std::exception_ptr& error);

/// Answers a request: finds out who asks, and runs the handler. Exceptions become answers.
/// @param authenticate may be null
task<http_response> handle_http(http_request& request, const runtime& within,
                                const authenticator& authenticate, const http_handler& handler);

} // namespace dcrf
