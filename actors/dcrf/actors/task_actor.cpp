#include "dcrf/actors/task_actor.hpp"

#include <caf/atom.hpp>

#include <utility>

namespace dcrf {

namespace {

using end_atom = caf::atom_constant<caf::atom("end")>;

} // namespace

task_actor::task_actor(caf::actor_config& config, pinning_unit& unit, io_services& services,
                       body_function body, done_function done)
    : actor_context(config, unit, services),
      body_(std::move(body)),
      done_(std::move(done)),
      runtime_(*this) {
  on_resumed([this] { resumed(); });
}

caf::behavior task_actor::make_behavior() {
  return {[this](end_atom) { quit(); }};
}

void task_actor::open() {
  running_ = body_(runtime_);
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
  if (auto done = std::exchange(done_, nullptr)) {
    done(error);
  }
  caf::anon_send(this, end_atom::value);
}

void task_actor::on_exit() {
  running_.reset();
  body_ = nullptr;
  done_ = nullptr;
  if (activity_.transaction != 0) {
    abandon(activity_.transaction);
  }
  end();
}

} // namespace dcrf
