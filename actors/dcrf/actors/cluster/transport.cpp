#include "dcrf/actors/cluster/transport.hpp"

#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>
#include <caf/openssl/publish.hpp>
#include <caf/send.hpp>

namespace dcrf::cluster {

caf::expected<std::uint16_t> transport::publish(const caf::actor& x,
                                                const host_and_port& at) const {
  return has_tls_ ? caf::openssl::publish(x, at.port, at.host.c_str(), true)
                  : system_->middleman().publish(x, at.port, at.host.c_str(), true);
}

void transport::unpublish(const caf::actor_addr& x, std::uint16_t port) const {
  caf::anon_send(connector(), caf::unpublish_atom::value, x, port);
}

caf::io::middleman_actor transport::connector() const {
  return has_tls_ ? system_->openssl_manager().actor_handle() : system_->middleman().actor_handle();
}

void transport::disconnect(const caf::node_id& node) const {
  auto& middleman = system_->middleman();
  middleman.backend().post([&middleman, node] {
    auto broker = middleman.named_broker<caf::io::basp_broker>(caf::atom("BASP"));
    auto* basp = caf::actor_cast<caf::io::basp_broker*>(broker);
    if (auto connection = basp->instance.tbl().lookup_direct(node)) {
      basp->connection_cleanup(*connection, caf::sec::disconnect_during_handshake);
      basp->close(*connection);
    }
  });
}

} // namespace dcrf::cluster
