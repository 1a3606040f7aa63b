#pragma once

#include "dcrf/actors/net/internal/listen_address.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace dcrf {

/// An address that is taken, though nobody is let in yet: so a server finds out that it can't have
/// it before it does anything else.
class bound_address {
public:
  bound_address();
  bound_address(bound_address&&) noexcept;
  bound_address& operator=(bound_address&&) noexcept;
  /// A socket of a path is removed, if it is still this one.
  ~bound_address();

  /// Takes an address. Once.
  /// @param address An IPv4 or IPv6 address in numbers, or the name of a host: of several addresses
  ///                that it has, one of IPv4 is taken if there is any.
  /// @param port 0 takes any that is free.
  /// @returns What the system said: `address_in_use`, `permission_denied`, `invalid_argument` for a
  ///          text that is no address and no name, or that there is no such host.
  [[nodiscard]] std::error_code bind(const std::string& address, std::uint16_t port);

  /// Takes a path (AF_UNIX). A socket to which nobody listens any more is replaced, anything else
  /// that stands there is not.
  /// @param mode who may connect, as in `chmod`
  [[nodiscard]] std::error_code bind_path(const std::string& path, unsigned mode);

  /// Takes a socket that somebody else has bound and listens on, as systemd does.
  [[nodiscard]] std::error_code adopt(int descriptor);

  /// How clients are spoken to; HTTP if it was not said.
  void speak(internal::entrance how) noexcept { how_ = how; }
  [[nodiscard]] internal::entrance how() const noexcept { return how_; }

  /// Whether it is one of TCP; others have no addresses of clients.
  [[nodiscard]] bool is_tcp() const noexcept { return is_tcp_; }
  /// 0 if it is a path.
  [[nodiscard]] std::uint16_t port() const;
  /// As in the line that says where a server listens.
  [[nodiscard]] std::string to_string() const;

private:
  friend class listener;
  friend std::error_code bind_all(std::vector<bound_address>& to,
                                  const internal::listen_address& at, unsigned mode);

  using tcp = boost::asio::ip::tcp;
  using acceptor = boost::asio::basic_socket_acceptor<tcp, boost::asio::io_context::executor_type>;

  struct path_guard;

  std::error_code bind(const tcp::endpoint& at);
  // The socket, for another loop.
  [[nodiscard]] int release();

  std::unique_ptr<boost::asio::io_context> context_;
  std::unique_ptr<acceptor> socket_;
  std::unique_ptr<path_guard> path_;
  std::string host_; // as it was given
  internal::entrance how_ = internal::entrance::http;
  bool is_tcp_ = true;
};

/// Takes all addresses of a host, or a path.
/// @param to gets them
/// @param mode of the socket of a path
/// @returns why one of them can't be had; those of a name that this machine has no way for (IPv6,
///          say) are left out, if there are others
[[nodiscard]] std::error_code bind_all(std::vector<bound_address>& to,
                                       const internal::listen_address& at, unsigned mode);

/// A socket that was passed to this process by whoever started it.
struct passed_socket {
  int descriptor;
  std::string name;
};

/// The sockets that systemd has bound for this process (`LISTEN_FDS`, sd_listen_fds(3)), with the
/// names that it gives them. Processes that this one starts do not get them.
[[nodiscard]] std::vector<passed_socket> take_passed_sockets();

} // namespace dcrf
