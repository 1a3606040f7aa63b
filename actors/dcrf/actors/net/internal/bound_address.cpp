#include "dcrf/actors/net/internal/bound_address.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <thread>
#include <utility>

namespace dcrf {

namespace net = boost::asio;
using error_code = boost::system::error_code;

namespace {

// -- hosts ----------------------------------------------------------------------------------------

bool is_in_name(unsigned char c) noexcept { return std::isalnum(c) != 0 || c == '-' || c == '.'; }

std::string_view without_brackets(std::string_view host) {
  return host.size() > 2 && host.front() == '[' && host.back() == ']'
             ? host.substr(1, host.size() - 2)
             : host;
}

// Those of IPv4 first.
std::vector<net::ip::tcp::endpoint> endpoints_of(std::string_view host, std::uint16_t port,
                                                 error_code& ec) {
  std::string name{without_brackets(host)};
  auto parsed = net::ip::make_address(name, ec);
  if (!ec) {
    return {{parsed, port}};
  }
  if (name.empty() || !std::ranges::all_of(name, is_in_name)) {
    return {};
  }
  net::io_context context;
  auto found = net::ip::tcp::resolver{context}.resolve(name, std::to_string(port), ec);
  std::vector<net::ip::tcp::endpoint> result{found.begin(), found.end()};
  std::stable_partition(result.begin(), result.end(),
                        [](const auto& x) { return x.address().is_v4(); });
  return result;
}

bool is_no_way(const std::error_code& ec) {
  return ec == std::errc::address_not_available || ec == std::errc::address_family_not_supported;
}

// -- paths ----------------------------------------------------------------------------------------

std::error_code last_error() { return {errno, std::system_category()}; }

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un result{};
  result.sun_family = AF_UNIX;
  if (path.size() >= sizeof result.sun_path) {
    return std::nullopt;
  }
  path.copy(static_cast<char*>(result.sun_path), path.size());
  return result;
}

const sockaddr* generic(const sockaddr_un& x) { return reinterpret_cast<const sockaddr*>(&x); }

// Keeps other servers from doing the same at the same time. Nothing of it is left on the disk.
class folder_lock {
public:
  explicit folder_lock(const std::string& path) {
    constexpr int attempts = 100;
    constexpr std::chrono::milliseconds pause{10};
    auto folder = std::filesystem::path{path}.parent_path();
    folder_ = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; folder_ >= 0 && ::flock(folder_, LOCK_EX | LOCK_NB) != 0; ++i) {
      if (errno != EWOULDBLOCK || i == attempts) {
        break;
      }
      std::this_thread::sleep_for(pause);
    }
  }
  folder_lock(const folder_lock&) = delete;
  folder_lock& operator=(const folder_lock&) = delete;
  ~folder_lock() {
    if (folder_ >= 0) {
      ::close(folder_);
    }
  }

private:
  int folder_;
};

// Whether it is a socket that a process has left behind.
bool is_stale(const std::string& path, const sockaddr_un& address) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) {
    return false;
  }
  auto probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  auto is_refused = probe >= 0 && ::connect(probe, generic(address), sizeof address) != 0
                    && errno == ECONNREFUSED;
  if (probe >= 0) {
    ::close(probe);
  }
  return is_refused;
}

// A client may come as soon as it is bound, so it is nobody's until its mode is right.
std::error_code bind_socket(int descriptor, const std::string& path, const sockaddr_un& address,
                            unsigned mode) {
  if (::fchmod(descriptor, 0) != 0 || ::bind(descriptor, generic(address), sizeof address) != 0) {
    return last_error();
  }
  if (::chmod(path.c_str(), mode) != 0) {
    auto error = last_error();
    ::unlink(path.c_str());
    return error;
  }
  // At once, or another server would take it for one that was left behind.
  return ::listen(descriptor, SOMAXCONN) == 0 ? std::error_code{} : last_error();
}

} // namespace

// Removes the socket of a path, if no other one has taken its place.
struct bound_address::path_guard {
  explicit path_guard(std::string file) : path(std::move(file)) {
    struct stat found{};
    if (::lstat(path.c_str(), &found) == 0) {
      device = found.st_dev;
      number = found.st_ino;
    }
  }
  path_guard(const path_guard&) = delete;
  path_guard& operator=(const path_guard&) = delete;
  ~path_guard() {
    folder_lock lock{path};
    struct stat found{};
    if (::lstat(path.c_str(), &found) == 0 && found.st_dev == device && found.st_ino == number) {
      ::unlink(path.c_str());
    }
  }

  std::string path;
  dev_t device = 0;
  ino_t number = 0;
};

bound_address::bound_address()
    : context_(std::make_unique<net::io_context>(1)),
      socket_(std::make_unique<acceptor>(*context_)) {}
bound_address::bound_address(bound_address&&) noexcept = default;
bound_address& bound_address::operator=(bound_address&& other) noexcept {
  socket_ = std::move(other.socket_); // before its loop
  context_ = std::move(other.context_);
  path_ = std::move(other.path_);
  host_ = std::move(other.host_);
  how_ = other.how_;
  is_tcp_ = other.is_tcp_;
  return *this;
}
bound_address::~bound_address() = default;

std::error_code bound_address::bind(const std::string& address, std::uint16_t port) {
  error_code ec;
  auto endpoints = endpoints_of(address, port, ec);
  if (ec) {
    return ec;
  }
  host_ = without_brackets(address);
  return bind(endpoints.front());
}

std::error_code bound_address::bind(const tcp::endpoint& at) {
  error_code ec;
  auto& socket = *socket_;
  auto check = [&ec](auto step) {
    if (!ec) {
      step();
    }
  };
  check([&] { socket.open(at.protocol(), ec); });
  check([&] { socket.set_option(net::socket_base::reuse_address{true}, ec); });
  // For what is accepted: Linux passes it on, which saves a system call for each connection.
  check([&] { socket.set_option(tcp::no_delay{true}, ec); });
  // All of IPv4, too, whatever the system's default is.
  if (at.address().is_v6() && at.address().is_unspecified()) {
    check([&] { socket.set_option(net::ip::v6_only{false}, ec); });
  }
  check([&] { socket.bind(at, ec); });
  if (ec) {
    error_code ignored;
    socket.close(ignored);
  }
  return ec;
}

std::error_code bound_address::bind_path(const std::string& path, unsigned mode) {
  auto address = address_of(path);
  if (!address) {
    return std::make_error_code(std::errc::filename_too_long);
  }
  auto descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    return last_error();
  }
  // The loop sees the same of it as of a socket of TCP.
  error_code ec;
  socket_->assign(tcp::v4(), descriptor, ec);
  if (ec) {
    ::close(descriptor);
    return ec;
  }
  folder_lock lock{path};
  auto error = bind_socket(descriptor, path, *address, mode);
  if (error == std::errc::address_in_use && is_stale(path, *address)) {
    ::unlink(path.c_str());
    error = bind_socket(descriptor, path, *address, mode);
  }
  if (error) {
    socket_->close(ec);
    return error;
  }
  path_ = std::make_unique<path_guard>(path);
  is_tcp_ = false;
  host_ = path;
  return {};
}

std::error_code bound_address::adopt(int descriptor) {
  int is_listening = 0;
  int family = 0;
  int type = 0;
  socklen_t size = sizeof is_listening;
  auto ask = [&](int option, int& value) {
    return ::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0;
  };
  if (!ask(SO_DOMAIN, family) || !ask(SO_TYPE, type) || !ask(SO_ACCEPTCONN, is_listening)) {
    return last_error();
  }
  is_tcp_ = family == AF_INET || family == AF_INET6;
  if (type != SOCK_STREAM || is_listening == 0 || (!is_tcp_ && family != AF_UNIX)) {
    return std::make_error_code(std::errc::wrong_protocol_type);
  }
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  error_code ec;
  socket_->assign(family == AF_INET6 ? tcp::v6() : tcp::v4(), descriptor, ec);
  if (!ec && is_tcp_) {
    socket_->set_option(tcp::no_delay{true}, ec);
    host_ = socket_->local_endpoint().address().to_string();
  } else if (!ec) {
    sockaddr_un own{};
    socklen_t length = sizeof own;
    auto is_named = ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &length) == 0
                    && length > sizeof own.sun_family;
    host_ = is_named ? static_cast<const char*>(own.sun_path) : "";
  }
  return ec;
}

std::uint16_t bound_address::port() const {
  error_code ignored;
  return is_tcp_ ? socket_->local_endpoint(ignored).port() : std::uint16_t{0};
}

std::string bound_address::to_string() const {
  return is_tcp_ ? internal::listen_address{.host = host_, .port = port(), .how = how_}.to_string()
                 : "unix:" + host_;
}

int bound_address::release() { return socket_->release(); }

std::error_code bind_all(std::vector<bound_address>& to, const internal::listen_address& at,
                         unsigned mode) {
  if (!at.path.empty()) {
    bound_address taken;
    auto ec = taken.bind_path(at.path, mode);
    if (!ec) {
      to.push_back(std::move(taken));
    }
    return ec;
  }
  error_code ec;
  auto endpoints = endpoints_of(at.host, at.port, ec);
  std::error_code result = ec;
  auto first = to.size();
  for (auto endpoint : endpoints) {
    bound_address taken;
    // The name has one port, whichever is free.
    if (to.size() > first) {
      endpoint.port(to[first].port());
    }
    auto failure = taken.bind(endpoint);
    if (failure && !is_no_way(failure)) {
      return failure;
    }
    if (failure) {
      result = failure;
      continue;
    }
    taken.host_ = without_brackets(at.host);
    taken.speak(at.how);
    to.push_back(std::move(taken));
  }
  return to.size() > first ? std::error_code{} : result;
}

// -- systemd --------------------------------------------------------------------------------------

std::vector<passed_socket> take_passed_sockets() {
  constexpr int first_descriptor = 3;
  auto value_of = [](const char* name) -> std::string_view {
    const auto* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  auto number = [](std::string_view text) {
    int result = 0;
    std::from_chars(text.data(), text.data() + text.size(), result);
    return result;
  };
  std::vector<passed_socket> result;
  if (number(value_of("LISTEN_PID")) == ::getpid()) {
    auto names = value_of("LISTEN_FDNAMES");
    for (int i = 0; i < number(value_of("LISTEN_FDS")); ++i) {
      auto colon = std::min(names.find(':'), names.size());
      result.push_back({first_descriptor + i, std::string{names.substr(0, colon)}});
      names.remove_prefix(std::min(colon + 1, names.size()));
    }
  }
  for (const auto* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
    ::unsetenv(name);
  }
  return result;
}

} // namespace dcrf
