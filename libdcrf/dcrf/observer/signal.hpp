#pragma once

#include "dcrf/observer/observer.hpp"
#include "dcrf/runtime/runtime.hpp"

#include <boost/mp11/algorithm.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace dcrf {

/// A signal: something that the application says, which is no change of a row. Derive from it, and
/// put into the struct what each sending carries:
///
///     struct announcement : dcrf::signal {
///       std::string text;
///     };
struct signal {};

template <class T>
concept signal_type = std::derived_from<T, signal>;

/// A signal that is sent within a transaction: committed with it, kept in the feed, and delivered
/// after the commit, also to who comes back later. Derive from it, and describe the struct; its
/// members are of types that a model may have:
///
///     struct payment : dcrf::durable_signal {
///       std::int64_t amount = 0;
///     };
///     BOOST_DESCRIBE_STRUCT(payment, (), (amount))
struct durable_signal : signal {};

template <class T>
concept durable_signal_type = std::derived_from<T, durable_signal>;

namespace detail {

// One object for each signal, whose address names it.
template <class Signal>
inline constexpr char signal_identity{};

} // namespace detail

namespace detail {

template <durable_signal_type Signal>
consteval bool is_right_durable_signal() {
  static_assert(described<Signal>, "dcrf: a durable signal is described: write "
                                   "BOOST_DESCRIBE_STRUCT(signal, (), (its, members))");
  boost::mp11::mp_for_each<public_members<Signal>>([](auto member) {
    using type = std::remove_cvref_t<decltype(std::declval<Signal>().*member.pointer)>;
    static_assert(storable<type>, "dcrf: a member of this durable signal is of a type that no "
                                  "model may have, so it can't be kept");
  });
  return true;
}

template <durable_signal_type Signal>
std::vector<value> values_of_signal(const Signal& x) {
  std::vector<value> result;
  boost::mp11::mp_for_each<public_members<Signal>>([&](auto member) {
    using type = std::remove_cvref_t<decltype(x.*member.pointer)>;
    result.push_back(value_traits<type>::to_value(x.*member.pointer));
  });
  return result;
}

template <durable_signal_type Signal>
std::shared_ptr<const void> read_signal(std::span<const value> values) {
  auto result = std::make_shared<Signal>();
  std::size_t i = 0;
  boost::mp11::mp_for_each<public_members<Signal>>([&](auto member) {
    using type = std::remove_cvref_t<decltype((*result).*member.pointer)>;
    if (i < values.size()) {
      (*result).*member.pointer = value_traits<type>::from_value(values[i++]);
    }
  });
  return result;
}

template <durable_signal_type Signal>
std::string signal_layout() {
  std::string result;
  boost::mp11::mp_for_each<public_members<Signal>>([&](auto member) {
    using type = std::remove_cvref_t<decltype(std::declval<Signal>().*member.pointer)>;
    result += std::string{","} + member.name + ':'
              + std::to_string(static_cast<int>(value_traits<type>::type));
  });
  return result;
}

template <durable_signal_type Signal>
inline constexpr durable_descriptor durable_of{qualified_type_name<Signal>(),
                                               &signal_layout<Signal>, &read_signal<Signal>};

} // namespace detail

/// Observes a signal: derive from it within a consumer. What it may have is what a model_observer
/// may have: `static std::vector<std::string> groups_for(const Signal&)` (one group for all
/// sendings by default), `static json_text body(const Signal&)` (`{}` by default), `handle` and
/// `action`.
template <class Signal>
struct signal_observer {
  using signal_type = Signal;
};

namespace detail {

template <class Observer>
concept has_own_signal_groups = !requires { with_names<Observer, observer_names>::groups_for; };
template <class Observer>
concept has_own_signal_body = !requires { with_names<Observer, observer_names>::body; };

template <class Observer>
consteval bool is_right_signal_observer() {
  using sending = typename Observer::signal_type;
  if constexpr (!std::is_final_v<Observer>) {
    constexpr bool has_right_groups =
        !has_own_signal_groups<Observer> || requires(const sending& x) {
          { Observer::groups_for(x) } -> std::convertible_to<std::vector<std::string>>;
        };
    static_assert(
        has_right_groups,
        "dcrf: `groups_for` is private or of another signature: write `static "
        "std::vector<std::string> groups_for(const Signal&)` in the public part of the observer");
    constexpr bool has_right_body = !has_own_signal_body<Observer> || requires(const sending& x) {
      { Observer::body(x) } -> std::convertible_to<json_text>;
    };
    static_assert(
        has_right_body,
        "dcrf: `body` is private or of another signature: write `static dcrf::json_text body(const "
        "Signal&)` in the public part of the observer");
    static_assert(
        !requires { typename Observer::groups; },
        "dcrf: the groups of a signal's observer are declared by `static "
        "std::vector<std::string> groups_for(const Signal&)`");
    return has_right_groups && has_right_body;
  } else {
    return false;
  }
}

template <class Observer>
std::vector<std::string> signal_groups(const void* source) {
  const auto& sent = *static_cast<const typename Observer::signal_type*>(source);
  if constexpr (has_own_signal_groups<Observer>) {
    return Observer::groups_for(sent);
  } else {
    return {std::string{}};
  }
}

template <class Observer>
json_text signal_body(const void* source, change_kind) {
  const auto& sent = *static_cast<const typename Observer::signal_type*>(source);
  if constexpr (has_own_signal_body<Observer>) {
    return Observer::body(sent);
  } else {
    return json_text::trusted("{}");
  }
}

template <class Observer>
  requires requires { typename Observer::signal_type; }
struct observer_builder<Observer> {
  static observer_descriptor build() {
    constexpr bool is_signal = std::derived_from<typename Observer::signal_type, signal>;
    static_assert(is_signal, "dcrf: what is observed is no signal: a struct that derives from "
                             "dcrf::signal");
    if constexpr (!is_signal || !is_right_observer<Observer>()) {
      return {};
    } else if constexpr (!is_right_signal_observer<Observer>()) {
      return {};
    } else {
      return build_right();
    }
  }

  static observer_descriptor build_right() {
    auto result = describe_observer<Observer>();
    if (result.action.empty()) {
      result.action = type_name<Observer>();
    }
    result.subject = &signal_identity<typename Observer::signal_type>;
    result.groups = &signal_groups<Observer>;
    result.body = &signal_body<Observer>;
    if constexpr (durable_signal_type<typename Observer::signal_type>) {
      static_assert(is_right_durable_signal<typename Observer::signal_type>());
      result.durable = &durable_of<typename Observer::signal_type>;
    }
    return result;
  }

  static std::string key() { return {}; }

  template <class Value>
  static std::string key(const Value& x) {
    constexpr bool is_text = std::convertible_to<const Value&, std::string>;
    static_assert(is_text,
                  "dcrf: the groups of a signal's observer are texts: subscribe with one of "
                  "those that its `groups_for` returns");
    static_assert(has_own_signal_groups<Observer>,
                  "dcrf: this observer has one group for all sendings: subscribe without a key, or "
                  "write `static std::vector<std::string> groups_for(const Signal&)`");
    if constexpr (is_text) {
      return x;
    } else {
      return {};
    }
  }
};

/// Sends what `source` points to to the members of the groups of every observer of `subject`.
void send_to_observers(channel_layer& channels, const void* subject, const void* source);

} // namespace detail

/// Sends a durable signal with the open transaction, or in one of its own; to be awaited. Its
/// observers learn of it after the commit, and of nothing that is rolled back.
/// @throws store_failure
template <durable_signal_type Signal>
auto send_durable(const runtime& from, const Signal& x) {
  static_assert(detail::is_right_durable_signal<Signal>());
  signal_command sending{.name = std::string{detail::qualified_type_name<Signal>()},
                         .values = detail::values_of_signal(x)};
  command body;
  body.body = std::move(sending);
  auto nothing = [](const store_result&) {};
  return detail::converted_call<decltype(nothing)>{from.where(), std::move(body), nothing};
}

/// Sends a signal to all its observers, on all connections. It is sent at once, whether or not a
/// transaction is open and whatever becomes of it.
template <class Signal>
void send_signal(const runtime& from, const Signal& x) {
  static_assert(signal_type<Signal>, "dcrf: what is sent is no signal: a struct that derives from "
                                     "dcrf::signal");
  static_assert(!durable_signal_type<Signal>,
                "dcrf: a durable signal is sent with a transaction: `co_await "
                "dcrf::send_durable(runtime(), x)`");
  detail::send_to_observers(from.where().channels(), &detail::signal_identity<Signal>, &x);
}

} // namespace dcrf
