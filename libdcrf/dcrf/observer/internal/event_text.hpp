#pragma once

#include "dcrf/groups/group.hpp"
#include "dcrf/groups/observer_descriptor.hpp"

namespace dcrf::detail {

/// An event of an observer as a reply, up to its request id.
[[nodiscard]] event_text_ptr text_of_event(const observer_descriptor& observer, change_kind kind,
                                           const json_text& body);

/// The same for a row that is gone, of which live subscriptions are told the key only.
[[nodiscard]] event_text_ptr text_of_deletion(const observer_descriptor& observer,
                                              const value& key);

} // namespace dcrf::detail
