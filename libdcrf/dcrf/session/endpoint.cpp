#include "dcrf/session/endpoint.hpp"

#include "dcrf/session/internal/driver.hpp"
#include "dcrf/session/internal/multiplexer.hpp"

namespace dcrf::detail {

std::unique_ptr<session_handler> handler_of(session_context& context, scope connection,
                                            std::unique_ptr<consumer> subject) {
  return std::make_unique<driver>(context, std::move(connection), std::move(subject));
}

std::unique_ptr<session_handler> handler_of(session_context& context, scope connection,
                                            std::span<const stream_descriptor> streams,
                                            std::span<const linked_stream> links) {
  return std::make_unique<multiplexer>(context, std::move(connection), streams, links);
}

} // namespace dcrf::detail
