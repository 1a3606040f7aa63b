#pragma once

#include "dcrf/fwd.hpp"

namespace chat {

/// The pages of the chat, which are part of the program: `/`, `/login`, `/signup`,
/// `/rooms/<int:pk>/`, and what they use below `/static/`.
void add_site(dcrf::server& server);

} // namespace chat
