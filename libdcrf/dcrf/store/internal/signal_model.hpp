#pragma once

#include "dcrf/model/descriptor.hpp"

#include <string_view>

namespace dcrf {

/// What durable signals are in changes and in the feed: created rows of a model without a table. A
/// row is a key, the name of the signal, and its values.
[[nodiscard]] const model_descriptor& signal_model() noexcept;

/// The signal that such a row is of.
[[nodiscard]] std::string_view signal_name(const record& sent);

} // namespace dcrf
