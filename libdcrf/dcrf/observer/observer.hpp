#pragma once

#include "dcrf/groups/observer_descriptor.hpp"
#include "dcrf/groups/observer_registry.hpp"
#include "dcrf/runtime/task.hpp"

#include <string>
#include <type_traits>

namespace dcrf {

namespace detail {

/// Makes an observer_descriptor from an observer's type; specialised for each kind of observer.
template <class Observer>
struct observer_builder;

template <class Handler>
struct handler_traits;
template <class Consumer>
struct handler_traits<task<> (*)(Consumer&, const observed&)> {
  using consumer_type = Consumer;
};

template <class Observer>
task<> handle_event(consumer& self, const observed& event) {
  using consumer_type = typename handler_traits<decltype(&Observer::handle)>::consumer_type;
  return Observer::handle(static_cast<consumer_type&>(self), event);
}

/// What all kinds of observers have in common.
template <class Observer>
observer_descriptor describe_observer() {
  observer_descriptor result;
  result.name = qualified_type_name<Observer>();
  if constexpr (requires { Observer::action; }) {
    result.action = Observer::action;
  }
  if constexpr (requires { &Observer::handle; }) {
    result.handle = &handle_event<Observer>;
  }
  return result;
}

template <class Observer>
inline const observer_registration registered_observer{&observer_of<Observer>};

} // namespace detail

template <class Observer>
const observer_descriptor& observer_of() noexcept {
  detail::registered_observer<Observer>.use();
  static const auto result = detail::observer_builder<Observer>::build();
  return result;
}

template <class Observer, class... Value>
std::string group_key_of(const Value&... x) {
  if constexpr (requires { Observer::groups::key(x...); }) {
    return Observer::groups::key(x...);
  } else {
    static_assert(sizeof...(Value) == 1,
                  "dcrf: this observer's groups are keyed: subscribe with the key of a group");
    return std::string{x...};
  }
}

} // namespace dcrf
