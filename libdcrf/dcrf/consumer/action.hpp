#pragma once

#include "dcrf/model/text_literal.hpp"
#include "dcrf/protocol/arguments.hpp"
#include "dcrf/protocol/request.hpp"
#include "dcrf/protocol/response.hpp"
#include "dcrf/runtime/task.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace dcrf {

class consumer;
class model_actions;

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
struct action_traits {
  static constexpr bool is_method = false;
  using result_type = void;
  using self_type = void;
  using parameters = boost::mp11::mp_list<>;
};

template <class Result, class Self, class... Parameters>
struct action_traits<Result (Self::*)(Parameters...)> {
  static constexpr bool is_method = true;
  using result_type = Result;
  using self_type = Self;
  using parameters = boost::mp11::mp_list<std::remove_cvref_t<Parameters>...>;
};

template <class Result, class Self, class... Parameters>
struct action_traits<Result (Self::*)(Parameters...) const>
    : action_traits<Result (Self::*)(Parameters...)> {};
template <class Result, class Self, class... Parameters>
struct action_traits<Result (Self::*)(Parameters...) noexcept>
    : action_traits<Result (Self::*)(Parameters...)> {};
template <class Result, class Self, class... Parameters>
struct action_traits<Result (Self::*)(Parameters...) const noexcept>
    : action_traits<Result (Self::*)(Parameters...)> {};

template <class Result>
constexpr bool is_task = false;
template <class Result>
constexpr bool is_task<task<Result>> = true;

template <class Result>
concept action_result =
    std::is_void_v<Result> || std::same_as<Result, response> || std::constructible_from<action_call,
                                                                                        Result>;

template <class... Parameters>
constexpr bool are_action_parameters = sizeof...(Parameters) == 0;
template <class First>
constexpr bool are_action_parameters<First> = true;
template <class First, class Second>
constexpr bool are_action_parameters<First, Second> =
    !std::same_as<First, request> && std::same_as<Second, request>;

/// Refuses what can't be called as an action.
template <auto Method>
consteval bool is_action() {
  using traits = action_traits<decltype(Method)>;
  static_assert(traits::is_method, "dcrf: an action is a method of its consumer, which is neither "
                                   "static nor volatile: dcrf::action<\"name\", "
                                   "&some_consumer::method>");
  static_assert(action_result<typename traits::result_type>,
                "dcrf: an action returns a dcrf::response, a std::optional of it, or nothing, or a "
                "dcrf::task of one of these");
  constexpr bool are_right = []<class... Parameters>(boost::mp11::mp_list<Parameters...>) {
    return are_action_parameters<Parameters...>;
  }(typename traits::parameters{});
  static_assert(are_right, "dcrf: an action takes its arguments, as one described struct or "
                           "dcrf::json, and then a dcrf::request&; each may be left out");
  constexpr bool are_described = []<class... Parameters>(boost::mp11::mp_list<Parameters...>) {
    return (...
            && (std::same_as<Parameters,
                             request> || std::same_as<Parameters, json> || described<Parameters>));
  }(typename traits::parameters{});
  static_assert(!are_right || are_described,
                "dcrf: the arguments of an action are a described struct: write "
                "BOOST_DESCRIBE_STRUCT(name, (), (members)) after it, or, within a class, "
                "BOOST_DESCRIBE_CLASS(name, (), (members), (), ()) in it");
  return traits::is_method && action_result<typename traits::result_type> && are_right
         && are_described;
}

template <class Parameter>
Parameter action_parameter(const request& req) {
  if constexpr (std::same_as<Parameter, json>) {
    return req.arguments();
  } else {
    return read_arguments<Parameter>(req);
  }
}

// Calls an action with what its signature asks for: arguments, the request, both or neither.
template <auto Method, class Self>
auto invoke_action(Self& self, request& req) {
  using parameters = typename action_traits<decltype(Method)>::parameters;
  constexpr auto count = boost::mp11::mp_size<parameters>::value;
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
  if constexpr (is_action<Method>()) {
    auto& typed = static_cast<typename traits::self_type&>(self);
    if constexpr (std::is_void_v<typename traits::result_type>) {
      invoke_action<Method>(typed, req);
      return std::optional<response>{};
    } else if constexpr (std::same_as<typename traits::result_type, response>) {
      return std::optional<response>{invoke_action<Method>(typed, req)};
    } else {
      return invoke_action<Method>(typed, req);
    }
  } else {
    return {};
  }
}

template <auto Method>
constexpr bool is_of_the_library =
    std::same_as<typename action_traits<decltype(Method)>::self_type, model_actions>;

// The same for actions that write.
template <auto Method>
action_call call_atomic_action(consumer& self, request& req) {
  static_assert(is_task<typename action_traits<decltype(Method)>::result_type>,
                "dcrf: an atomic_action<> is one that awaits what it writes, and so returns a "
                "dcrf::task; for others there is action<>");
  return call_action<Method>(self, req);
}

template <class T>
concept is_action_entry = requires {
  requires std::same_as<decltype(T::descriptor), const action_descriptor>;
};

/// Whether no two names are the same.
template <std::size_t Count>
constexpr bool have_own_names(const std::array<std::string_view, Count>& names) {
  for (std::size_t i = 0; i < Count; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (names[i] == names[j]) {
        return false;
      }
    }
  }
  return true;
}

template <class... Actions>
consteval bool have_own_names() {
  return have_own_names(
      std::array<std::string_view, sizeof...(Actions)>{Actions::descriptor.name...});
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
  static constexpr action_descriptor descriptor{Name.view(), &detail::call_atomic_action<Method>,
                                                false, true};
};

/// An action of the library that ends with a write.
template <text_literal Name, auto Method>
struct write_action {
  static_assert(detail::is_of_the_library<Method>,
                "dcrf: write_action<> is for the library's own actions; an action of your own is "
                "action<>, or atomic_action<> if all that it writes is to be one transaction");
  static constexpr action_descriptor descriptor{
      .name = Name.view(), .call = &detail::call_action<Method>, .ends_with_command = true};
};

/// The actions of a consumer, besides those of its mixins.
template <class... Actions>
struct actions {
  static_assert((detail::is_action_entry<Actions> && ...),
                "dcrf: actions<...> lists action<>, detached_action<> and atomic_action<>");
  static constexpr std::size_t size = sizeof...(Actions);
};

} // namespace dcrf
