#pragma once

#include "dcrf/model/text_literal.hpp"
#include "dcrf/protocol/arguments.hpp"
#include "dcrf/protocol/request.hpp"
#include "dcrf/protocol/response.hpp"
#include "dcrf/runtime/task.hpp"

#include <concepts>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace dcrf {

class consumer;

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
};

namespace detail {

template <class Function>
struct action_traits;

template <class Result, class Self, class... Parameters>
struct action_traits<Result (Self::*)(Parameters...)> {
  using result_type = Result;
  using self_type = Self;
  using parameters = boost::mp11::mp_list<std::remove_cvref_t<Parameters>...>;
};

template <class Result, class Self, class... Parameters>
struct action_traits<Result (Self::*)(Parameters...) const>
    : action_traits<Result (Self::*)(Parameters...)> {};

template <class Parameter>
Parameter action_parameter(const request& req) {
  if constexpr (std::same_as<Parameter, json>) {
    return req.arguments();
  } else {
    static_assert(described<Parameter>,
                  "dcrf: an action takes a described struct or dcrf::json, then dcrf::request&");
    return read_arguments<Parameter>(req);
  }
}

// Calls an action with what its signature asks for: arguments, the request, both or neither.
template <auto Method, class Self>
auto invoke_action(Self& self, request& req) {
  using parameters = typename action_traits<decltype(Method)>::parameters;
  constexpr auto count = boost::mp11::mp_size<parameters>::value;
  static_assert(count <= 2, "dcrf: an action takes arguments and a dcrf::request&, nothing else");
  if constexpr (count == 0) {
    return (self.*Method)();
  } else if constexpr (std::same_as<boost::mp11::mp_front<parameters>, request>) {
    return (self.*Method)(req);
  } else if constexpr (count == 1) {
    auto arguments = action_parameter<boost::mp11::mp_front<parameters>>(req);
    return (self.*Method)(std::move(arguments));
  } else {
    auto arguments = action_parameter<boost::mp11::mp_front<parameters>>(req);
    return (self.*Method)(std::move(arguments), req);
  }
}

template <auto Method>
action_call call_action(consumer& self, request& req) {
  using traits = action_traits<decltype(Method)>;
  auto& typed = static_cast<typename traits::self_type&>(self);
  if constexpr (std::is_void_v<typename traits::result_type>) {
    invoke_action<Method>(typed, req);
    return std::optional<response>{};
  } else if constexpr (std::same_as<typename traits::result_type, response>) {
    return std::optional<response>{invoke_action<Method>(typed, req)};
  } else {
    return invoke_action<Method>(typed, req);
  }
}

} // namespace detail

/// Makes a method an action that clients call by `Name`. The method takes its arguments as a
/// described struct or as `dcrf::json`, and a `dcrf::request&`; each may be left out. It returns a
/// `dcrf::response`, or nothing if it does not answer, or a task of these.
template <text_literal Name, auto Method>
struct action {
  static constexpr action_descriptor descriptor{Name.view(), &detail::call_action<Method>, false,
                                                false};
};

/// An action that runs beside the others: later requests of the connection do not wait for it. It
/// ends with the connection.
template <text_literal Name, auto Method>
struct detached_action {
  static constexpr action_descriptor descriptor{Name.view(), &detail::call_action<Method>, true,
                                                false};
};

/// An action that is one transaction: if it fails, nothing that it wrote remains.
template <text_literal Name, auto Method>
struct atomic_action {
  static constexpr action_descriptor descriptor{Name.view(), &detail::call_action<Method>, false,
                                                true};
};

/// An action of the library that ends with a write.
template <text_literal Name, auto Method>
struct write_action {
  static constexpr action_descriptor descriptor{
      .name = Name.view(), .call = &detail::call_action<Method>, .ends_with_command = true};
};

/// The actions of a consumer, besides those of its mixins.
template <class... Actions>
struct actions {
  static constexpr std::size_t size = sizeof...(Actions);
};

} // namespace dcrf
