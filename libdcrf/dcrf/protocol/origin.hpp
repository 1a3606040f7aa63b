#pragma once

#include "dcrf/protocol/scope.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace dcrf {

/// Whether a page of this origin may use the server: one of the host that the request is for, or
/// one of the list. Two ports are equal if one is given and the other left to the scheme: `https`
/// and
/// `:443`. Where a request is known to come by `https`, a page of the own host that came by `http`
/// is another one's: whoever is on its way may have written it. A handler of an application that
/// must not be called by other sites' pages compares its header `Origin` by this.
/// @param origin as in the header `Origin`
/// @param allowed origins as `https://example.org`, of all below a host as `https://*.example.org`,
///                `null` for pages without one, or `*` for any
[[nodiscard]] bool is_origin_allowed(std::string_view origin, const scope& request,
                                     std::span<const std::string> allowed = {});

/// What a page may see of the answers that it asks for with a script (CORS).
enum class origin_grant : std::uint8_t {
  nothing,
  anonymous,   // what is shown without cookies: it is allowed by `*` or `null` only
  credentials, // all
};

/// What the list says of a page of another host.
/// @param origin as in the header `Origin`
[[nodiscard]] origin_grant grant_of_origin(std::string_view origin,
                                           std::span<const std::string> allowed);

/// What is wrong with an entry of a list of origins; empty if nothing is.
[[nodiscard]] std::string problem_of_origin(std::string_view entry);

} // namespace dcrf
