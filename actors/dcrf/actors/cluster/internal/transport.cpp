#include "dcrf/actors/cluster/internal/transport.hpp"

#include "dcrf/actors/cluster/internal/gate.hpp"

#include <caf/io/basp_broker.hpp>
#include <caf/io/doorman.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/middleman_actor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/scribe.hpp>
#include <caf/send.hpp>

#include <future>
#include <set>
#include <string>
#include <utility>

namespace dcrf::cluster {

namespace {

caf::actor basp_of(caf::actor_system& system) {
  return system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
}

// Brings CAF the connections that the gate has let in. CAF itself listens to nothing.
class gate_doorman final : public caf::io::doorman {
public:
  gate_doorman(caf::io::network::multiplexer& where, int listening, std::uint16_t port)
      : doorman(caf::io::network::accept_hdl_from_socket(listening)), where_(where), port_(port) {}

  // On the multiplexer's thread.
  void take(int descriptor) {
    auto connection = where_.new_scribe(descriptor);
    if (detached()) {
      return;
    }
    auto handle = connection->hdl();
    parent()->add_scribe(std::move(connection));
    doorman::new_connection(&where_, handle);
  }

  bool new_connection() override { return false; }
  void launch() override {}
  void graceful_shutdown() override { detach(&where_, false); }
  void add_to_loop() override {}
  void remove_from_loop() override {}
  std::string addr() const override { return {}; }
  std::uint16_t port() const override { return port_; }

private:
  caf::io::network::multiplexer& where_;
  std::uint16_t port_;
};

// Connects through the gate. On a thread of its own, since it waits.
class gate_connector final : public caf::io::middleman_actor_impl {
public:
  gate_connector(caf::actor_config& config, caf::actor broker, std::shared_ptr<gate> way)
      : middleman_actor_impl(config, std::move(broker)), gate_(std::move(way)) {}

protected:
  caf::expected<caf::io::scribe_ptr> connect(const std::string& host, std::uint16_t port) override {
    auto descriptor = gate_->connect({host, port});
    if (!descriptor) {
      return std::move(descriptor.error());
    }
    return system().middleman().backend().new_scribe(*descriptor);
  }

private:
  std::shared_ptr<gate> gate_;
};

} // namespace

transport::transport(caf::actor_system& system, const cluster_options& options)
    : system_(&system), gate_(std::make_shared<gate>(options)) {}

caf::expected<std::uint16_t> transport::publish(const caf::actor& x, const host_and_port& at) {
  if (auto problem = gate_->load(); !problem.empty()) {
    return caf::make_error(caf::sec::cannot_open_port, std::move(problem));
  }
  auto& multiplexer = system_->middleman().backend();
  auto port = gate_->listen(at);
  if (!port) {
    return port;
  }
  auto door = caf::make_counted<gate_doorman>(multiplexer, gate_->listening(), *port);
  auto broker = basp_of(*system_);
  caf::anon_send(broker, caf::publish_atom::value, caf::io::doorman_ptr{door}, *port,
                 caf::actor_cast<caf::strong_actor_ptr>(x), std::set<std::string>{});
  connector_ = system_->spawn<gate_connector, caf::detached + caf::hidden>(broker, gate_);
  gate_->open([&multiplexer, door](int descriptor) {
    multiplexer.post([door, descriptor] { door->take(descriptor); });
  });
  return port;
}

void transport::unpublish(const caf::actor_addr& x, std::uint16_t port) const {
  caf::anon_send(connector_, caf::unpublish_atom::value, x, port);
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

void transport::stop() {
  gate_->close();
  if (connector_) {
    std::promise<void> ended;
    connector_->attach_functor([&ended] { ended.set_value(); });
    caf::anon_send_exit(connector_, caf::exit_reason::kill);
    ended.get_future().wait();
    connector_ = nullptr;
  }
}

} // namespace dcrf::cluster
