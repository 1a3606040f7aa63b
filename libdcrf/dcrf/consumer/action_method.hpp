#pragma once

#include "dcrf/consumer/action_call.hpp"
#include "dcrf/model/text_literal.hpp"
#include "dcrf/protocol/arguments.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

// Methods of consumers as actions: what they may look like, and how they are called.

namespace dcrf::detail {

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
  using parameters = boost::mp11::mp_list<Parameters...>;
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

/// The name of a method, as its class declares it.
template <auto Method>
consteval std::string_view method_name() {
  // `… [with auto Method = &room_consumer::join; std::string_view = …]` of gcc,
  // `… [Method = &room_consumer::join]` of clang.
  std::string_view text = __PRETTY_FUNCTION__;
#ifdef __clang__
  text = text.substr(0, text.rfind(']'));
#else
  text = text.substr(0, text.rfind(';'));
#endif
  return text.substr(text.rfind(':') + 1);
}

template <class Result>
constexpr bool is_task = false;
template <class Result>
constexpr bool is_task<task<Result>> = true;

template <class Result>
concept action_result = std::is_void_v<Result> || std::same_as<Result, response>
                        || std::constructible_from<action_call, Result>;

template <class Parameter>
constexpr bool is_request = std::same_as<std::remove_cvref_t<Parameter>, request>;

/// The parameters that are read from the request: all but the request itself, which is the last.
template <class Parameters>
struct argument_parameters {
  using type = Parameters;
};
template <class... Parameters>
  requires(sizeof...(Parameters) > 0
           && is_request<boost::mp11::mp_back<boost::mp11::mp_list<Parameters...>>>)
struct argument_parameters<boost::mp11::mp_list<Parameters...>> {
  using type = boost::mp11::mp_pop_back<boost::mp11::mp_list<Parameters...>>;
};

/// All arguments at once: a described struct, or a tree.
template <class Parameter>
concept argument_struct = std::same_as<Parameter, json> || struct_argument<Parameter>;

/// Whether a parameter takes what was read for it, which nobody else has.
template <class Parameter>
constexpr bool is_bound =
    !std::is_lvalue_reference_v<Parameter> || std::is_const_v<std::remove_reference_t<Parameter>>;
template <class Parameter>
  requires is_request<Parameter>
constexpr bool is_bound<Parameter> = std::is_lvalue_reference_v<Parameter>;

template <class Parameter>
concept named_argument = argument_type<without_optional<Parameter>>;

/// Refuses what can't be called as an action with arguments of these names.
template <auto Method, text_literal... Names>
struct action_check {
  using traits = action_traits<decltype(Method)>;
  using parameters = typename argument_parameters<typename traits::parameters>::type;
  using values = boost::mp11::mp_transform<std::remove_cvref_t, parameters>;

  static constexpr std::size_t count = boost::mp11::mp_size<parameters>::value;
  static constexpr bool is_method = traits::is_method;
  static constexpr bool has_result = action_result<typename traits::result_type>;

  static constexpr bool is_request_last = []<class... Values>(boost::mp11::mp_list<Values...>) {
    return !(is_request<Values> || ...);
  }(values{});

  static constexpr bool is_one_struct = []<class... Values>(boost::mp11::mp_list<Values...>) {
    return sizeof...(Names) == 0 && sizeof...(Values) == 1 && (argument_struct<Values> && ...);
  }(values{});

  static constexpr bool has_names = is_one_struct || sizeof...(Names) == count;

  static constexpr bool are_arguments = []<class... Values>(boost::mp11::mp_list<Values...>) {
    return is_one_struct || (named_argument<Values> && ...);
  }(values{});

  // A coroutine goes on after what its caller held has gone; only the request stays.
  static constexpr bool are_kept = []<class... Parameters>(boost::mp11::mp_list<Parameters...>) {
    return !is_task<typename traits::result_type> || !(std::is_reference_v<Parameters> || ...);
  }(parameters{});

  static constexpr bool are_bound = []<class... All>(boost::mp11::mp_list<All...>) {
    return (is_bound<All> && ...);
  }(typename traits::parameters{});

  static constexpr bool is_right = is_method && has_result && is_request_last && has_names
                                   && are_arguments && are_kept && are_bound;

  static consteval bool of_method() {
    static_assert(is_method, "dcrf: an action is a method of its consumer, which is neither "
                             "static nor volatile: dcrf::action<&some_consumer::method>");
    static_assert(has_result,
                  "dcrf: an action returns a dcrf::response, a std::optional of it, or nothing, or "
                  "a dcrf::task of one of these");
    static_assert(is_request_last,
                  "dcrf: an action takes its arguments first, and then a dcrf::request&; each may "
                  "be left out");
    static_assert(!is_request_last || has_names,
                  "dcrf: each argument of an action has its name, as in "
                  "dcrf::action<&some_consumer::method, \"first\", \"second\">; without names they "
                  "are members of one described struct (BOOST_DESCRIBE_STRUCT(name, (), (members)) "
                  "after it), or a dcrf::json");
    static_assert(
        !is_request_last || !has_names || are_arguments,
        "dcrf: this type can't be an argument of an action: arguments are texts, numbers, "
        "booleans, dcrf::key, uuid, timestamp, date, described enumerations, JSON, described "
        "structs of these, and std::vector and std::optional of all of them");
    static_assert(are_kept,
                  "dcrf: an action that is a dcrf::task takes its arguments by value: what a "
                  "reference refers to is gone when the action goes on");
    static_assert(!are_kept || are_bound,
                  "dcrf: an action takes its arguments by value, or as a reference to const, and "
                  "the request as a dcrf::request&: nothing else can be bound");
    return is_right;
  }
};

/// Calls an action with what its signature asks for: arguments, the request, both or neither. The
/// request's type is a parameter, so that trees need only be complete where an action takes one.
template <auto Method, text_literal... Names, class Self, class Request>
auto invoke_action(Self& self, Request& req) {
  using check = action_check<Method, Names...>;
  constexpr bool takes_request =
      check::count < boost::mp11::mp_size<typename check::traits::parameters>::value;
  auto call = [&]<class... Arguments>(Arguments&&... arguments) {
    if constexpr (takes_request) {
      return (self.*Method)(std::forward<Arguments>(arguments)..., req);
    } else {
      return (self.*Method)(std::forward<Arguments>(arguments)...);
    }
  };
  if constexpr (check::count == 0) {
    return call();
  } else if constexpr (check::is_one_struct) {
    using arguments = boost::mp11::mp_front<typename check::values>;
    if constexpr (std::same_as<arguments, json>) {
      return call(req.arguments());
    } else {
      return call(read_arguments<arguments>(req));
    }
  } else {
    auto arguments =
        read_named_arguments<boost::mp11::mp_rename<typename check::values, std::tuple>>(
            req, {Names.view()...});
    return std::apply([&](auto&... x) { return call(std::move(x)...); }, arguments);
  }
}

template <auto Method, text_literal... Names>
action_call call_action(consumer& self, request& req) {
  if constexpr (action_check<Method, Names...>::of_method()) {
    using traits = action_traits<decltype(Method)>;
    auto& typed = static_cast<typename traits::self_type&>(self);
    if constexpr (std::is_void_v<typename traits::result_type>) {
      invoke_action<Method, Names...>(typed, req);
      return std::optional<response>{};
    } else if constexpr (std::same_as<typename traits::result_type, response>) {
      return std::optional<response>{invoke_action<Method, Names...>(typed, req)};
    } else {
      return invoke_action<Method, Names...>(typed, req);
    }
  } else {
    return {};
  }
}

} // namespace dcrf::detail
