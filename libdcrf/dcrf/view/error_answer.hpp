#pragma once

#include "dcrf/view/view_response.hpp"

#include <exception>
#include <optional>

namespace dcrf {

/// What DRF's views answer when a handler ends with an exception: `{"detail": …}` with the status
/// of an api_exception, the object of field errors or the list of texts with 400, 404 for a row
/// that there is not. Nothing for what is unexpected.
/// @param error not null
std::optional<view_response> error_answer(const std::exception_ptr& error);

} // namespace dcrf
