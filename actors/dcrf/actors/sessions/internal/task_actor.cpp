#include "dcrf/actors/sessions/internal/task_actor.hpp"

#include <stdexcept>
#include <utility>

namespace dcrf {

task_actor::task_actor(caf::actor_config& config, pinning_unit& unit, io_services& services,
                       body_function body, done_function done)
    : actor_context(config, unit, services),
      body_(std::move(body)),
      done_(std::move(done)),
      runtime_(*this) {
  on_resumed([this](const activity*) { resumed(); });
}

caf::behavior task_actor::make_behavior() {
  return {[this](quit_atom) { quit(); }};
}

void task_actor::open() {
  try {
    running_ = body_(runtime_);
  } catch (...) {
    // The function is no coroutine itself.
    done(std::current_exception());
    return;
  }
  current(&activity_);
  running_->start();
  current(nullptr);
  resumed();
}

void task_actor::resumed() {
  if (!running_ || !running_->done()) {
    return;
  }
  auto finished = std::exchange(running_, std::nullopt);
  std::exception_ptr error;
  try {
    finished->take();
  } catch (...) {
    error = std::current_exception();
  }
  done(error);
}

void task_actor::done(const std::exception_ptr& error) {
  // First, because whoever is called may wait for the end of all actors.
  quit_later();
  if (auto callback = std::exchange(done_, nullptr)) {
    callback(error);
  }
}

void task_actor::on_exit() {
  running_.reset();
  body_ = nullptr;
  if (auto callback = std::exchange(done_, nullptr)) {
    callback(std::make_exception_ptr(std::runtime_error("the task was ended from outside")));
  }
  if (activity_.transaction != 0) {
    abandon(activity_.transaction);
  }
  end();
}

} // namespace dcrf
