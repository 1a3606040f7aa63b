#pragma once

#include "dcrf/protocol/scope.hpp"

#include <span>
#include <string>
#include <string_view>

namespace dcrf {

/// Whether a page of this origin may use the server: one of the host that the request is for, or
/// one of the list. Two ports are equal if one is given and the other left to the scheme: `https`
/// and
/// `:443`. A handler of an application that must not be called by other sites' pages compares its
/// header `Origin` by this.
/// @param origin as in the header `Origin`
/// @param allowed origins as `https://example.org`, of all below a host as `https://*.example.org`,
///                `null` for pages without one, or `*` for any
[[nodiscard]] bool is_origin_allowed(std::string_view origin, const scope& request,
                                     std::span<const std::string> allowed = {});

/// What is wrong with an entry of a list of origins; empty if nothing is.
[[nodiscard]] std::string problem_of_origin(std::string_view entry);

} // namespace dcrf
