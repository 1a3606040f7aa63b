#pragma once

#include <nlohmann/json.hpp>

#include <string_view>

namespace client {

/// JSON whose members keep their order.
using json = nlohmann::ordered_json;

/// Throws `usage_error` if the text is no JSON, or is nested so deeply that it can't be handled.
json parse_json(std::string_view text);

} // namespace client
