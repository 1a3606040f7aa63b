#include "dcrf/actors/cluster/internal/dialer.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <utility>

namespace dcrf::cluster {

namespace net = boost::asio;

namespace {

constexpr std::chrono::milliseconds first_delay{250};
constexpr std::chrono::milliseconds longest_delay{5000};
// A host that does not answer at all is no different from one that is not there.
constexpr std::chrono::seconds probe_timeout{2};

} // namespace

// A connection that only finds out whether somebody listens.
struct dialer::probe {
  explicit probe(net::io_context& context) : resolver(context), socket(context) {}

  net::ip::tcp::resolver resolver;
  net::ip::tcp::socket socket;
  timer_handle timeout;
  bool is_done = false;

  void cancel() {
    is_done = true;
    timeout.cancel();
    resolver.cancel();
    boost::system::error_code ignored;
    socket.close(ignored);
  }
};

dialer::dialer(io_thread& thread, dial_function dial, std::function<void()> failed)
    : thread_(&thread), dial_(std::move(dial)), on_failed_(std::move(failed)) {}

dialer::~dialer() { stop(); }

void dialer::add(const host_and_port& address, std::chrono::milliseconds delay) {
  auto name = address.to_string();
  auto& x = targets_[name];
  x.address = address;
  if (x.is_linked || x.is_dialling || x.timer.is_pending()) {
    return;
  }
  x.timer = thread_->after(delay, [this, name] { dial(name); });
}

void dialer::linked(const std::string& address) {
  auto found = targets_.find(address);
  if (found != targets_.end()) {
    auto& x = found->second;
    x.is_linked = true;
    x.attempts = 0;
    x.timer.cancel();
  }
}

void dialer::lost(const host_and_port& address) {
  targets_[address.to_string()].is_linked = false;
  add(address, next_delay(0));
}

bool dialer::has_tried_all() const {
  return std::ranges::all_of(
      targets_, [](const auto& x) { return x.second.is_linked || x.second.attempts > 0; });
}

void dialer::stop() {
  for (auto& [name, x] : targets_) {
    if (x.probing) {
      x.probing->cancel();
    }
  }
  targets_.clear();
}

void dialer::dial(const std::string& name) {
  auto& x = targets_.at(name);
  x.is_dialling = true;
  auto probing = std::make_shared<probe>(thread_->context());
  x.probing = probing;
  auto done = [this, name, probing](bool has_answered) {
    if (!probing->is_done) {
      probing->cancel();
      answered(name, has_answered);
    }
  };
  probing->timeout = thread_->after(probe_timeout, [done] { done(false); });
  probing->resolver.async_resolve(
      x.address.host, std::to_string(x.address.port),
      [probing, done](const boost::system::error_code& error,
                      const net::ip::tcp::resolver::results_type& found) {
        if (error || probing->is_done) {
          done(false);
          return;
        }
        net::async_connect(probing->socket, found,
                           [done](const boost::system::error_code& failure,
                                  const net::ip::tcp::endpoint&) { done(!failure); });
      });
}

void dialer::answered(const std::string& name, bool has_answered) {
  auto& x = targets_.at(name);
  x.probing = nullptr;
  if (x.is_linked || !has_answered) {
    failed(x);
    return;
  }
  dial_(x.address, [this, name](bool is_reached) {
    if (auto found = targets_.find(name); found != targets_.end()) {
      if (is_reached) {
        found->second.is_dialling = false;
        ++found->second.attempts;
      } else {
        failed(found->second);
      }
    }
  });
}

void dialer::failed(target& x) {
  x.is_dialling = false;
  if (!x.is_linked) {
    add(x.address, next_delay(x.attempts++));
  }
  on_failed_();
}

std::chrono::milliseconds dialer::next_delay(unsigned attempts) {
  auto delay = std::min(longest_delay, first_delay * (1U << std::min(attempts, 10U)));
  std::uniform_real_distribution<double> jitter{0.75, 1.25};
  return std::chrono::milliseconds{
      static_cast<std::int64_t>(static_cast<double>(delay.count()) * jitter(random_))};
}

} // namespace dcrf::cluster
