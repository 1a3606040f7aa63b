#pragma once

#include "dcrf/actors/net/internal/connection.hpp"

#include <memory>

namespace dcrf::internal {

class server_state;

/// Makes the actors of the connections that a listener accepts.
/// @param server outlives the acceptor
[[nodiscard]] std::shared_ptr<connection_acceptor> make_session_acceptor(server_state& server);

} // namespace dcrf::internal
