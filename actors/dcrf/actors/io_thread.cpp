#include "dcrf/actors/io_thread.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/logger.hpp>
#include <pthread.h>

#include <string>
#include <utility>

namespace dcrf {

namespace net = boost::asio;

namespace {

thread_local const io_thread* current = nullptr;

} // namespace

// -- timers
// -----------------------------------------------------------------------------------------

// Kept alive by the wait that is pending in the loop, hence only as long as there is something to
// cancel.
struct timer_handle::state {
  state(net::io_context& context, std::chrono::nanoseconds delay, std::function<void()> fn)
      : timer(context, delay), job(std::move(fn)) {}

  net::steady_timer timer;
  std::function<void()> job;
};

timer_handle::timer_handle(std::weak_ptr<state> timer) noexcept : timer_(std::move(timer)) {}

timer_handle& timer_handle::operator=(timer_handle&& other) noexcept {
  if (this != &other) {
    cancel();
    timer_ = std::move(other.timer_);
  }
  return *this;
}

timer_handle::~timer_handle() { cancel(); }

void timer_handle::cancel() noexcept {
  if (auto timer = timer_.lock()) {
    // A timer that is due already cannot be cancelled, but finds nothing to call.
    timer->job = nullptr;
    timer->timer.cancel();
  }
  timer_.reset();
}

void timer_handle::detach() noexcept { timer_.reset(); }

bool timer_handle::is_pending() const noexcept {
  auto timer = timer_.lock();
  return timer && timer->job;
}

// -- the thread
// -------------------------------------------------------------------------------------

struct io_thread::loop {
  net::io_context context{1};
  net::executor_work_guard<net::io_context::executor_type> work{context.get_executor()};
};

io_thread::io_thread(caf::actor_system& system, std::size_t number)
    : pinning_unit(system), number_(number), loop_(std::make_unique<loop>()) {}

io_thread::~io_thread() { stop(); }

void io_thread::start() {
  thread_ = std::thread([this] { run_loop(); });
}

void io_thread::stop() {
  loop_->context.stop();
  if (thread_.joinable())
    thread_.join();
}

void io_thread::post(std::function<void()> job) { net::post(loop_->context, std::move(job)); }

timer_handle io_thread::after(std::chrono::nanoseconds delay, std::function<void()> job) {
  auto timer = std::make_shared<timer_handle::state>(loop_->context, delay, std::move(job));
  timer->timer.async_wait([timer](const boost::system::error_code&) {
    if (auto fn = std::exchange(timer->job, nullptr))
      fn();
  });
  return timer_handle{timer};
}

bool io_thread::runs_here() const noexcept { return current == this; }

net::io_context& io_thread::context() noexcept { return loop_->context; }

void io_thread::post_resumable(job_ptr job) {
  net::post(loop_->context, [this, owned = std::move(job)]() mutable { run(std::move(owned)); });
}

void io_thread::run_loop() {
  current = this;
  // The kernel takes names of up to 15 characters.
  pthread_setname_np(pthread_self(), ("dcrf-io-" + std::to_string(number_)).substr(0, 15).c_str());
  loop_->context.run();
  // CAF leaves a reference to its logger in each thread that ever spawned an actor, and waits for
  // it when the actor system is destroyed.
  caf::logger::set_current_actor_system(nullptr);
  current = nullptr;
}

} // namespace dcrf
