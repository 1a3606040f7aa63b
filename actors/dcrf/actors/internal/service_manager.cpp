#include "dcrf/actors/internal/service_manager.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <system_error>

namespace dcrf::internal {

namespace {

constexpr auto variable = "NOTIFY_SOCKET";

// The clock that systemd compares with.
std::uint64_t monotonic_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000
         + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

} // namespace

service_manager::service_manager() {
  const auto* path = std::getenv(variable);
  socket_ = path == nullptr ? "" : path;
  ::unsetenv(variable);
}

void service_manager::reloading() const {
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_microseconds()));
}

// The protocol is part of systemd's promises: a datagram for each state.
void service_manager::tell(std::string_view state) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) {
    return;
  }
  auto* path = static_cast<char*>(address.sun_path);
  socket_.copy(path, socket_.size());
  if (*path == '@') {
    *path = '\0'; // not in the file system
  }
  auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  auto descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0
      || ::sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL,
                  reinterpret_cast<const sockaddr*>(&address), size)
             < 0) {
    spdlog::warn("{} can't be told: {}", socket_, std::system_category().message(errno));
  }
  if (descriptor >= 0) {
    ::close(descriptor);
  }
}

} // namespace dcrf::internal
