#pragma once

#include "dcrf/actors/net/internal/head_check.hpp"
#include "dcrf/protocol/origin.hpp"
#include "dcrf/view/http.hpp"

#include <string_view>

namespace dcrf::internal {

/// Whether a browser asks what a page of another origin may ask for (Fetch, section 3.3.2).
[[nodiscard]] bool is_preflight(const request_head& head);

/// The answer to that, where the page may: every method, and whatever headers it wants to send.
[[nodiscard]] http_response preflight_answer(const request_head& head, origin_grant grant);

/// Says in an answer what the page that asked may see of it. What the answer says of that itself
/// stays.
void show_to_page(http_response& answer, std::string_view origin, origin_grant grant);

} // namespace dcrf::internal
