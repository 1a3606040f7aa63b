#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/groups/observer_descriptor.hpp"
#include "dcrf/groups/observer_registry.hpp"
#include "dcrf/model/declared.hpp"
#include "dcrf/runtime/task.hpp"

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

namespace dcrf {

namespace detail {

/// Makes an observer_descriptor from an observer's type; specialised for each kind of observer.
template <class Observer>
struct observer_builder;

template <class Handler>
struct handler_traits {
  static constexpr bool is_handler = false;
};
template <class Consumer>
struct handler_traits<task<> (*)(Consumer&, const observed&)> {
  static constexpr bool is_handler = std::derived_from<Consumer, consumer>;
  using consumer_type = Consumer;
};

// What is looked for, and words for it that are nearly right. `groups` and `serializer` are those
// of the base, unless an observer has its own.
struct observer_names {
  static constexpr int groups_for = 0, body = 0, handle = 0, action = 0, watches_relations = 0,
                       deletes_with_key_only = 0;

  static constexpr int group = 0, group_by = 0, groups_by = 0, group_for = 0, groups_of = 0,
                       group_keys = 0;
  static constexpr int handler = 0, handles = 0, on_event = 0, handle_event = 0, bodies = 0,
                       serialize = 0, serializer_class = 0;
  static constexpr int watch_relations = 0, watches_relation = 0, actions = 0;
  static constexpr int delete_with_key_only = 0, deletes_key_only = 0;
};

template <class Observer>
concept has_action = !requires { with_names<Observer, observer_names>::action; };
template <class Observer>
concept has_handler = !requires { with_names<Observer, observer_names>::handle; };

/// Refuses what an observer declares and the library would not see.
template <class Observer>
consteval bool is_right_observer() {
  static_assert(!std::is_final_v<Observer>, "dcrf: an observer is not final: leave that out, or "
                                            "the library can't see all that it declares");
  if constexpr (!std::is_final_v<Observer>) {
    using names = with_names<Observer, observer_names>;
    static_assert(
        requires {
          names::group;
          names::group_by;
          names::groups_by;
          names::group_for;
          names::groups_of;
          names::group_keys;
        },
        "dcrf: this name is nearly right: the groups of an observer are declared by `using groups "
        "= "
        "dcrf::by<&model::member>` or by `static std::vector<std::string> groups_for(...)`");
    static_assert(
        requires {
          names::handler;
          names::handles;
          names::on_event;
          names::handle_event;
        }, "dcrf: this name is nearly right: events are handled by `static dcrf::task<> "
           "handle(some_consumer&, const dcrf::observed&)`");
    static_assert(
        requires {
          names::bodies;
          names::serialize;
          names::serializer_class;
        },
        "dcrf: this means nothing in an observer: its serializer is an argument of the base, or it "
        "has `static dcrf::json_text body(...)`");
    static_assert(
        requires { names::actions; },
        "dcrf: this name is nearly right: write `static constexpr std::string_view action = "
        "\"name\"`");
    static_assert(
        requires {
          names::watch_relations;
          names::watches_relation;
        },
        "dcrf: this name is nearly right: write `static constexpr bool watches_relations = true`");
    static_assert(
        requires {
          names::watches_relations;
        } || requires { requires std::same_as<decltype(Observer::watches_relations), const bool>; },
        "dcrf: `watches_relations` is private or no constant: write `static constexpr bool "
        "watches_relations = true` in the public part of the observer");
    static_assert(
        requires {
          names::delete_with_key_only;
          names::deletes_key_only;
        }, "dcrf: this name is nearly right: write `static constexpr bool deletes_with_key_only = "
           "true`");
    static_assert(
        requires {
          names::deletes_with_key_only;
        } || requires {
          requires std::same_as<decltype(Observer::deletes_with_key_only), const bool>;
        },
        "dcrf: `deletes_with_key_only` is private or no constant: write `static constexpr bool "
        "deletes_with_key_only = true` in the public part of the observer");
    static_assert(
        requires { names::action; } || requires { std::string_view{Observer::action}; },
        "dcrf: `action` is private or no text: write `static constexpr std::string_view action = "
        "\"name\"` in the public part of the observer");
    static_assert(
        requires { names::handle; }
            || requires { requires handler_traits<decltype(&Observer::handle)>::is_handler; },
        "dcrf: `handle` is private or of another signature: write `static dcrf::task<> "
        "handle(some_consumer&, const dcrf::observed&)` in the public part of the observer");
  }
  return true;
}

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
  if constexpr (has_action<Observer>) {
    result.action = Observer::action;
  }
  if constexpr (has_handler<Observer>) {
    result.handle = &handle_event<Observer>;
  }
  return result;
}

template <class Observer>
inline const observer_registration registered_observer{&observer_of<Observer>};

} // namespace detail

template <class Observer>
const observer_descriptor& observer_of() noexcept {
  constexpr bool is_observer = requires { detail::observer_builder<Observer>::build(); };
  static_assert(is_observer,
                "dcrf: an observer derives from dcrf::model_observer<T, Serializer> or "
                "dcrf::signal_observer<Signal>");
  if constexpr (is_observer) {
    static_assert(detail::is_right_observer<Observer>());
    detail::registered_observer<Observer>.use();
    static const auto result = detail::observer_builder<Observer>::build();
    return result;
  } else {
    static const observer_descriptor nothing;
    return nothing;
  }
}

template <class Observer, class... Value>
std::string group_key_of(const Value&... x) {
  return detail::observer_builder<Observer>::key(x...);
}

} // namespace dcrf
