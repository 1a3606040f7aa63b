#pragma once

#include "dcrf/view/http.hpp"

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>

#include <optional>

namespace dcrf::internal {

using request_head = boost::beast::http::request_header<>;

/// What a request is answered with whose head may be read in two ways: one server takes the first
/// of two headers, another the last, and what stands between them is smuggled (RFC 9112, section
/// 11.2). None if there is nothing to say against it. Whoever is refused is closed, too: where the
/// next request begins is not known.
std::optional<http_response> head_refusal(const request_head& head);

/// The same of a WebSocket handshake (RFC 6455, section 4.2.1), which is a valid request.
std::optional<http_response> handshake_refusal(const request_head& head);

} // namespace dcrf::internal
