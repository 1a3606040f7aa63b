#include "dcrf/store/internal/change_alarm.hpp"

#include "dcrf/store/internal/postgresql_changes.hpp"
#include "dcrf/store/internal/postgresql_url.hpp"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <string>
#include <system_error>

namespace dcrf {

namespace {

using connection_pointer = std::unique_ptr<PGconn, decltype(&PQfinish)>;

// Empty if the server can't be reached.
connection_pointer listening(const std::string& connect_string) {
  connection_pointer result{PQconnectdb(connect_string.c_str()), &PQfinish};
  auto listen = std::string{"LISTEN "} + internal::postgresql::change_channel;
  std::unique_ptr<PGresult, decltype(&PQclear)> done{PQexec(result.get(), listen.c_str()),
                                                     &PQclear};
  if (PQresultStatus(done.get()) != PGRES_COMMAND_OK) {
    result.reset();
  }
  return result;
}

bool take_notifications(PGconn& connection) {
  auto is_alive = PQconsumeInput(&connection) != 0;
  while (auto* one = PQnotifies(&connection)) {
    PQfreemem(one);
  }
  return is_alive;
}

} // namespace

struct change_alarm::state {
  std::string connect_string;
  connection_pointer connection{nullptr, &PQfinish};
  int stop_signal = -1;
  std::atomic<bool> is_stopped{false};
};

change_alarm::change_alarm(const database_options& options) : state_(std::make_unique<state>()) {
  state_->connect_string = internal::postgresql::connect_string(options);
  state_->stop_signal = ::eventfd(0, EFD_CLOEXEC);
  if (state_->stop_signal < 0) {
    throw std::system_error(errno, std::system_category(), "eventfd");
  }
}

change_alarm::~change_alarm() { ::close(state_->stop_signal); }

bool change_alarm::wait(std::chrono::milliseconds at_most) {
  auto& x = *state_;
  if (!x.is_stopped && !x.connection) {
    x.connection = listening(x.connect_string);
    // What was notified while nobody listened is found by looking.
    if (x.connection) {
      return !x.is_stopped;
    }
  }
  std::array<pollfd, 2> waiting{
      {{x.stop_signal, POLLIN, 0}, {x.connection ? PQsocket(x.connection.get()) : -1, POLLIN, 0}}};
  ::poll(waiting.data(), waiting.size(), static_cast<int>(at_most.count()));
  if (x.connection && waiting[1].revents != 0 && !take_notifications(*x.connection)) {
    x.connection.reset();
  }
  return !x.is_stopped;
}

void change_alarm::stop() noexcept {
  state_->is_stopped = true;
  const std::uint64_t one = 1;
  // It can only fail if it was signalled 2^64 times.
  [[maybe_unused]] auto written = ::write(state_->stop_signal, &one, sizeof one);
}

} // namespace dcrf
