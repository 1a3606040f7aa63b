#include "dcrf/actors/cluster/tls_refusals.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace dcrf::cluster {

namespace {

using tcp = boost::asio::ip::tcp;

struct watched_ports {
  std::mutex mutex;
  std::multiset<std::uint16_t> ports;

  bool contains(std::uint16_t port) {
    std::lock_guard lock{mutex};
    return ports.contains(port);
  }
};

watched_ports& watched() {
  static watched_ports result;
  return result;
}

// One end of a socket; port 0 if it has none.
tcp::endpoint end_of(int socket, int (*ask)(int, sockaddr*, socklen_t*)) {
  tcp::endpoint result;
  auto size = static_cast<socklen_t>(result.capacity());
  if (ask(socket, result.data(), &size) != 0) {
    return {};
  }
  result.resize(size);
  return result;
}

std::string to_string(const tcp::endpoint& x) {
  return fmt::format("{}:{}", x.address().to_string(), x.port());
}

// Where a connection comes from: kept with it, since a socket whose other end is gone does not
// know.
int peer_index() {
  auto release = [](void*, void* peer, CRYPTO_EX_DATA*, int, long, void*) {
    delete static_cast<std::string*>(peer);
  };
  static const int result = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, release);
  return result;
}

void note_peer(SSL* connection) {
  if (SSL_get_ex_data(connection, peer_index()) == nullptr) {
    auto peer = to_string(end_of(SSL_get_fd(connection), &::getpeername));
    SSL_set_ex_data(connection, peer_index(), new std::string{std::move(peer)});
  }
}

std::string reason() {
  const char* text = ERR_reason_error_string(ERR_peek_last_error());
  return text != nullptr ? text : "unknown error";
}

// Who only looks whether somebody listens, as nodes do before they dial, is not refused.
bool has_said_nothing(const SSL* connection) {
  return ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING
         && BIO_number_read(SSL_get_rbio(connection)) == 0;
}

bool is_watched(const SSL* connection) {
  return SSL_is_server(connection) == 1
         && watched().contains(end_of(SSL_get_fd(connection), &::getsockname).port());
}

// OpenSSL calls this when its state machine pauses, too; then no error is queued.
void handshake_info(const SSL* connection, int where, int result) {
  if (where == SSL_CB_HANDSHAKE_START && is_watched(connection)) {
    note_peer(const_cast<SSL*>(connection));
    return;
  }
  if (where != SSL_CB_ACCEPT_EXIT || result > 0 || ERR_peek_last_error() == 0
      || has_said_nothing(connection)) {
    return;
  }
  if (const auto* peer = static_cast<std::string*>(SSL_get_ex_data(connection, peer_index()))) {
    spdlog::warn("cluster: a connection from {} is refused: {}", *peer, reason());
  }
}

void context_made(void* context, void*, CRYPTO_EX_DATA*, int, long, void*) {
  SSL_CTX_set_info_callback(static_cast<SSL_CTX*>(context), &handshake_info);
}

} // namespace

// CAF makes a context for each connection, and shows none of them.
tls_refusals::tls_refusals(std::uint16_t port) : port_(port) {
  static const int hook [[maybe_unused]] =
      SSL_CTX_get_ex_new_index(0, nullptr, &context_made, nullptr, nullptr);
  std::lock_guard lock{watched().mutex};
  watched().ports.insert(port_);
}

tls_refusals::~tls_refusals() {
  std::lock_guard lock{watched().mutex};
  watched().ports.erase(watched().ports.find(port_));
}

} // namespace dcrf::cluster
