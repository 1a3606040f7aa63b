#pragma once

#include <nlohmann/json_fwd.hpp>

namespace dcrf {

/// The JSON type that users see: a tree to build or take apart. Include `<nlohmann/json.hpp>` to
/// work with it. Requests and replies only become trees where somebody asks for one.
using json = nlohmann::json;

} // namespace dcrf
