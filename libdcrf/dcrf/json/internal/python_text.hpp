#pragma once

#include "dcrf/json/json_view.hpp"

#include <string>

namespace dcrf {

/// A JSON value as Python's `str` shows it, which DRF's messages quote: `True`, `None`, `1.5`,
/// `['a', {'b': 2}]`; a text as it is.
[[nodiscard]] std::string python_text(json_view x);

} // namespace dcrf
