#include "dcrf/consumer/action_call.hpp"

#include <concepts>
#include <type_traits>

namespace dcrf {

void action_call::start() {
  std::visit(
      [](auto& state) {
        if constexpr (requires { state.start(); }) {
          state.start();
        }
      },
      state_);
}

bool action_call::done() const noexcept {
  return std::visit(
      [](const auto& state) {
        if constexpr (requires { state.done(); }) {
          return state.done();
        } else {
          return true;
        }
      },
      state_);
}

bool action_call::await_suspend(std::coroutine_handle<> awaiting) {
  return std::visit(
      [awaiting](auto& state) {
        if constexpr (requires { state.await_suspend(awaiting); }) {
          return !state.await_ready() && state.await_suspend(awaiting);
        } else {
          return false;
        }
      },
      state_);
}

std::optional<response> action_call::take() {
  return std::visit(
      [](auto& state) -> std::optional<response> {
        if constexpr (std::same_as<std::remove_cvref_t<decltype(state)>, task<>>) {
          state.take();
          return std::nullopt;
        } else if constexpr (requires { state.take(); }) {
          return state.take();
        } else {
          return std::move(state);
        }
      },
      state_);
}

} // namespace dcrf
