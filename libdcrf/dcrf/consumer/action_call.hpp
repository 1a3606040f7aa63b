#pragma once

#include "dcrf/protocol/request.hpp"
#include "dcrf/protocol/response.hpp"
#include "dcrf/runtime/task.hpp"

#include <coroutine>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

namespace dcrf {

/// An action that was called: its coroutine, or its result where it is an ordinary function.
class action_call {
public:
  action_call() = default;
  action_call(task<> x) : state_(std::move(x)) {}                        // NOLINT
  action_call(task<response> x) : state_(std::move(x)) {}                // NOLINT
  action_call(task<std::optional<response>> x) : state_(std::move(x)) {} // NOLINT
  action_call(std::optional<response> x) : state_(std::move(x)) {}       // NOLINT

  void start();
  [[nodiscard]] bool done() const noexcept;

  /// What the action yielded; nothing if it answers nothing.
  /// @throws what the action ended with
  /// @pre done()
  std::optional<response> take();

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiting);
  std::optional<response> await_resume() { return take(); }

private:
  std::variant<task<>, task<response>, task<std::optional<response>>, std::optional<response>>
      state_;
};

/// An action of a consumer, as the consumer's table has it.
struct action_descriptor {
  std::string_view name;
  /// Reads the arguments and calls the action.
  action_call (*call)(consumer& self, request& req) = nullptr;
  /// Whether it runs beside the other actions of its consumer.
  bool is_detached = false;
  /// Whether it is one transaction.
  bool is_atomic = false;
  /// Whether it ends with a write, and nothing of the application runs for it but the hooks around
  /// a write.
  bool ends_with_command = false;
  /// Whether the action has an argument `live` of its own.
  bool takes_live = false;
  /// Whether a member `once` is the action's own, or means nothing to it.
  bool takes_once = false;
};

} // namespace dcrf
