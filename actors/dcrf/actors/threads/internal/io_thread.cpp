#include "dcrf/actors/threads/internal/io_thread.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/logger.hpp>
#include <pthread.h>

#include <algorithm>
#include <string>
#include <utility>

namespace dcrf {

namespace net = boost::asio;

namespace {

thread_local io_thread* current = nullptr;

// A turn ends although more is ready: what it has collected must not wait for ever.
constexpr int longest_turn = 512;

} // namespace

// -- timers ---------------------------------------------------------------------------------------

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

// -- the thread -----------------------------------------------------------------------------------

struct io_thread::loop {
  struct mail {
    io_thread* target;
    std::vector<job_ptr> jobs;
  };

  // Asio opens its descriptors for the first timer or socket. In a thread that runs there is nobody
  // to tell that none are left.
  loop() { net::steady_timer opens_them{context}; }

  net::io_context context{1};
  net::executor_work_guard<net::io_context::executor_type> work{context.get_executor()};
  std::vector<std::shared_ptr<turn_listener>> listeners;
  std::vector<std::shared_ptr<turn_listener>> told; // keeps its memory from turn to turn
  // For each thread that has got mail from this one. They are few.
  std::vector<mail> outgoing;
};

io_thread::io_thread(caf::actor_system& system, std::size_t number, std::string role)
    : pinning_unit(system),
      number_(number),
      role_(std::move(role)),
      loop_(std::make_unique<loop>()) {}

io_thread::~io_thread() { stop(); }

void io_thread::start() {
  thread_ = std::thread([this] { run_loop(); });
}

void io_thread::stop() {
  loop_->context.stop();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void io_thread::post(std::function<void()> job) { net::post(loop_->context, std::move(job)); }

timer_handle io_thread::after(std::chrono::nanoseconds delay, std::function<void()> job) {
  auto timer = std::make_shared<timer_handle::state>(loop_->context, delay, std::move(job));
  timer->timer.async_wait([timer](const boost::system::error_code&) {
    if (auto fn = std::exchange(timer->job, nullptr)) {
      fn();
    }
  });
  return timer_handle{timer};
}

bool io_thread::runs_here() const noexcept { return current == this; }

net::io_context& io_thread::context() noexcept { return loop_->context; }

// -- mail -----------------------------------------------------------------------------------------

void io_thread::post_resumable(job_ptr job) {
  if (current != nullptr && current != this) {
    current->wake_later(*this, std::move(job));
    return;
  }
  net::post(loop_->context, [this, owned = std::move(job)]() mutable { run(std::move(owned)); });
}

// A thread that is woken for each message handles each by itself; woken once for all of a turn, it
// can put together what they ask for.
void io_thread::wake_later(io_thread& target, job_ptr job) {
  auto& outgoing = loop_->outgoing;
  auto found = std::ranges::find(outgoing, &target, &loop::mail::target);
  if (found == outgoing.end()) {
    found = outgoing.insert(found, {&target, {}});
  }
  found->jobs.push_back(std::move(job));
}

void io_thread::hand_over() {
  for (auto& [target, jobs] : loop_->outgoing) {
    if (!jobs.empty()) {
      target->run_all(std::exchange(jobs, {}));
    }
  }
}

void io_thread::run_all(std::vector<job_ptr> jobs) {
  net::post(loop_->context, [this, jobs = std::move(jobs)]() mutable {
    for (auto& job : jobs) {
      run(std::move(job));
    }
  });
}

// -- turns ----------------------------------------------------------------------------------------

void io_thread::when_turn_ends(std::shared_ptr<turn_listener> x) {
  loop_->listeners.push_back(std::move(x));
}

void io_thread::run_turn(std::chrono::nanoseconds patience) {
  auto* before = std::exchange(current, this);
  loop_->context.restart();
  loop_->context.run_one_for(patience);
  run_ready();
  end_turn();
  current = before;
}

void io_thread::run_ready() {
  for (int ran = 1; ran < longest_turn && loop_->context.poll_one() > 0; ++ran) {
  }
}

void io_thread::end_turn() {
  // Whoever is told may ask to be told again: at the end of the next turn.
  std::swap(loop_->listeners, loop_->told);
  for (const auto& x : loop_->told) {
    x->turn_ended();
  }
  loop_->told.clear();
  hand_over();
}

void io_thread::run_loop() {
  current = this;
  // The kernel takes names of up to 15 characters.
  auto name = "dcrf-" + role_ + "-" + std::to_string(number_);
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  while (loop_->context.run_one() > 0) {
    run_ready();
    end_turn();
  }
  hand_over();
  // CAF leaves a reference to its logger in each thread that ever spawned an actor, and waits for
  // it when the actor system is destroyed.
  caf::logger::set_current_actor_system(nullptr);
  current = nullptr;
}

} // namespace dcrf
