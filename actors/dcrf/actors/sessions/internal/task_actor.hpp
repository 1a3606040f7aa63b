#pragma once

#include "dcrf/actors/sessions/internal/actor_context.hpp"
#include "dcrf/runtime/runtime.hpp"
#include "dcrf/runtime/task.hpp"

#include <exception>
#include <functional>
#include <optional>

namespace dcrf {

/// An actor of an I/O thread that runs one task, and ends with it: the handler of an HTTP request,
/// for one. Whoever starts it keeps a handle until it ends: CAF drops an actor that nobody knows.
class task_actor final : public actor_context<context> {
public:
  using body_function = std::function<task<>(const runtime&)>;
  /// Called once, with what the task threw, or null. A task that is killed ends with an error.
  using done_function = std::function<void(const std::exception_ptr&)>;

  task_actor(caf::actor_config& config, pinning_unit& unit, io_services& services,
             body_function body, done_function done);

  /// Starts the task. On the I/O thread, once.
  void open();

  // -- implementation of caf::event_based_actor ---------------------------------------------------

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "dcrf.task"; }

private:
  void resumed();
  void done(const std::exception_ptr& error);

  body_function body_;
  done_function done_;
  runtime runtime_;
  activity activity_;
  std::optional<task<>> running_;
};

} // namespace dcrf
