#pragma once

#include "dcrf/observer/observer.hpp"
#include "dcrf/runtime/runtime.hpp"

#include <concepts>
#include <string>
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

namespace detail {

// One object for each signal, whose address names it.
template <signal_type Signal>
inline constexpr char signal_identity{};

} // namespace detail

/// Observes a signal: derive from it within a consumer. What it may have is what a model_observer
/// may have: `static std::vector<std::string> groups_for(const Signal&)` (one group for all
/// sendings by default), `static json_text body(const Signal&)` (`{}` by default), `handle` and
/// `action`.
template <signal_type Signal>
struct signal_observer {
  using signal_type = Signal;

  struct groups {
    static std::string key() { return {}; }
    static std::string key(std::string x) { return x; }
  };
};

namespace detail {

template <class Observer>
std::vector<std::string> signal_groups(const void* source) {
  const auto& sent = *static_cast<const typename Observer::signal_type*>(source);
  if constexpr (requires { Observer::groups_for(sent); }) {
    return Observer::groups_for(sent);
  } else {
    return {std::string{}};
  }
}

template <class Observer>
json_text signal_body(const void* source, change_kind) {
  const auto& sent = *static_cast<const typename Observer::signal_type*>(source);
  if constexpr (requires { Observer::body(sent); }) {
    return Observer::body(sent);
  } else {
    return json_text::trusted("{}");
  }
}

template <class Observer>
requires requires { typename Observer::signal_type; }
struct observer_builder<Observer> {
  static observer_descriptor build() {
    auto result = describe_observer<Observer>();
    if (result.action.empty()) {
      result.action = type_name<Observer>();
    }
    result.subject = &signal_identity<typename Observer::signal_type>;
    result.groups = &signal_groups<Observer>;
    result.body = &signal_body<Observer>;
    return result;
  }
};

/// Sends what `source` points to to the members of the groups of every observer of `subject`.
void send_to_observers(channel_layer& channels, const void* subject, const void* source);

} // namespace detail

/// Sends a signal to all its observers, on all connections. It is sent at once, whether or not a
/// transaction is open and whatever becomes of it.
template <signal_type Signal>
void send_signal(const runtime& from, const Signal& x) {
  detail::send_to_observers(from.where().channels(), &detail::signal_identity<Signal>, &x);
}

} // namespace dcrf
