#pragma once

#include "dcrf/consumer/action_call.hpp"
#include "dcrf/protocol/request.hpp"
#include "dcrf/protocol/response.hpp"
#include "dcrf/store/once.hpp"

#include <optional>
#include <string>

namespace dcrf {

/// What a request with a member `once` asks to be done once: whose it is, what it is called, and a
/// digest of what it does.
/// @param reader that of the request
/// @throws validation_error if the member is not as it should be, or the action can't be done once
once_claim claim_of(const request& req, const action_descriptor& action, frame_reader& reader);

/// A reply as it is kept; nothing is a reply, too.
[[nodiscard]] std::string kept_text(const std::optional<response>& x);

/// What `kept_text` was made of.
[[nodiscard]] std::optional<response> kept_response(const std::string& text);

} // namespace dcrf
