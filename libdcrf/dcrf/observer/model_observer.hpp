#pragma once

#include "dcrf/observer/groups.hpp"
#include "dcrf/observer/observer.hpp"
#include "dcrf/serializer/serializer.hpp"

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace dcrf {

/// Observes the rows of a model: derive from it within a consumer, and say what differs.
///
///     struct message_activity : dcrf::model_observer<message, message_serializer> {
///       using groups = dcrf::by<&message::room>;
///     };
///
/// What an observer may have:
///  - `using groups`: `everything` (the default), `by<&T::member>`, `by_any<…>`; or
///    `static std::vector<std::string> groups_for(const T& row)` with keys of its own.
///  - `static constexpr bool deletes_with_key_only = true`: the body of a `delete` is `{"pk": …}`,
///    whatever the observer shows else. For groups that stand for what their members may see: the
///    content with which a row leaves a group is no business of theirs.
///  - a serializer, or `static json_text body(const T& row, change_kind kind)`; without either the
///    body is `{"pk": …}`. Both run on the store's thread.
///  - `static task<> handle(Consumer& self, const observed& event)`: what a consumer does with an
///    event, on the session's thread; by default it sends a reply for each request id.
///  - `static constexpr bool watches_relations = true`: a change of the model's many-to-many
///  relations
///    is an update too.
///  - `static constexpr std::string_view action`: the `action` of the replies.
template <class T, class Serializer = void>
struct model_observer {
  using model_type = T;
  using serializer = Serializer;
  using groups = everything;
};

namespace detail {

template <class Observer>
concept has_own_groups = !requires { with_names<Observer, observer_names>::groups_for; };
template <class Observer>
concept has_own_body = !requires { with_names<Observer, observer_names>::body; };

template <class Observer>
consteval bool is_right_model_observer() {
  using row_type = typename Observer::model_type;
  if constexpr (!std::is_final_v<Observer>) {
    constexpr bool has_right_groups = !has_own_groups<Observer> || requires(const row_type& x) {
      { Observer::groups_for(x) } -> std::convertible_to<std::vector<std::string>>;
    };
    static_assert(
        has_right_groups,
        "dcrf: `groups_for` is private or of another signature: write `static "
        "std::vector<std::string> groups_for(const T&)` in the public part of the observer");
    constexpr bool has_right_body = !has_own_body<Observer> || requires(const row_type& x) {
      { Observer::body(x, change_kind::create) } -> std::convertible_to<json_text>;
    };
    static_assert(
        has_right_body,
        "dcrf: `body` is private or of another signature: write `static dcrf::json_text body(const "
        "T&, dcrf::change_kind)` in the public part of the observer");
    constexpr bool has_groups = requires { typename Observer::groups; };
    static_assert(
        has_groups,
        "dcrf: `groups` is private or no type: write `using groups = dcrf::by<&model::member>` in "
        "the public part of the observer");
    bool are_groups = false;
    if constexpr (has_groups) {
      are_groups = are_groups_of<typename Observer::groups, row_type>;
      static_assert(are_groups_of<typename Observer::groups, row_type>,
                    "dcrf: the `groups` of an observer are dcrf::everything, dcrf::by<> of members "
                    "of the model that it observes, or dcrf::by_any<> of these");
      static_assert(!has_own_groups<Observer>
                        || std::same_as<typename Observer::groups, everything>,
                    "dcrf: this observer has both `groups` and `groups_for`, of which only the "
                    "latter would count");
    }
    static_assert(
        requires { typename Observer::serializer; },
        "dcrf: `serializer` is private or no type: give it as an argument of model_observer<>");
    bool is_shown = true;
    if constexpr (requires { requires !std::is_void_v<typename Observer::serializer>; }) {
      is_shown = is_over<typename Observer::serializer, row_type>();
    }
    return has_right_groups && has_right_body && are_groups && is_shown;
  } else {
    return false;
  }
}

template <class Observer>
concept deletes_with_key_only = requires { requires Observer::deletes_with_key_only; };

json_text key_body(const model_descriptor& model, const row& x);
json_text serialized_body(const serializer_descriptor& serializer, const row& x);
const fetch_plan& empty_plan();

template <class Observer>
std::vector<std::string> groups_of(const void* source) {
  const auto& values = *static_cast<const record*>(source);
  if constexpr (has_own_groups<Observer>) {
    return Observer::groups_for(from_record<typename Observer::model_type>(values));
  } else {
    return Observer::groups::keys(values);
  }
}

template <class Observer>
json_text body_of(const void* source, change_kind kind) {
  const auto& x = *static_cast<const row*>(source);
  if constexpr (deletes_with_key_only<Observer>) {
    if (kind == change_kind::remove) {
      return key_body(model_of<typename Observer::model_type>(), x);
    }
  }
  if constexpr (has_own_body<Observer>) {
    return Observer::body(from_record<typename Observer::model_type>(x.values), kind);
  } else if constexpr (!std::is_void_v<typename Observer::serializer>) {
    return serialized_body(serializer_of<typename Observer::serializer>(), x);
  } else {
    return key_body(model_of<typename Observer::model_type>(), x);
  }
}

template <class Observer>
const fetch_plan& plan_of() {
  if constexpr (!has_own_body<Observer> && !std::is_void_v<typename Observer::serializer>) {
    return serializer_of<typename Observer::serializer>().plan();
  } else {
    return empty_plan();
  }
}

template <class Groups>
const fetch_plan& group_plan_of() {
  static const auto plan = [] {
    fetch_plan result;
    Groups::add_fetches(result);
    return result;
  }();
  return plan;
}

template <class Groups>
std::vector<std::string> linked_groups_of(const row& x) {
  std::vector<std::string> result;
  Groups::add_keys(x.related.data(), result);
  return result;
}

template <class Observer>
  requires requires { typename Observer::model_type; }
struct observer_builder<Observer> {
  static observer_descriptor build() {
    constexpr bool is_model = dcrf::model_type<typename Observer::model_type>;
    static_assert(is_model, "dcrf: what is observed is no model: specialise dcrf::model<T> for it, "
                            "with a `table` and a `primary_key`");
    if constexpr (!is_model || !is_right_observer<Observer>()) {
      return {};
    } else if constexpr (!is_right_model_observer<Observer>()) {
      return {};
    } else {
      return build_right();
    }
  }

  static observer_descriptor build_right() {
    auto result = describe_observer<Observer>();
    result.subject = &model_of<typename Observer::model_type>();
    result.plan = &plan_of<Observer>;
    if constexpr (!requires { with_names<Observer, observer_names>::watches_relations; }) {
      result.watches_relations = Observer::watches_relations;
    }
    result.groups = &groups_of<Observer>;
    if constexpr (requires { requires loads_groups<typename Observer::groups>; }) {
      result.group_plan = &group_plan_of<typename Observer::groups>;
      result.linked_groups = &linked_groups_of<typename Observer::groups>;
    }
    result.body = &body_of<Observer>;
    return result;
  }

  template <class... Value>
  static std::string key(const Value&... x) {
    using groups = typename Observer::groups;
    constexpr bool is_text =
        sizeof...(Value) == 1 && (std::convertible_to<const Value&, std::string> && ...);
    if constexpr (has_own_groups<Observer>) {
      static_assert(is_text, "dcrf: the groups of this observer are what its `groups_for` returns: "
                             "subscribe with one of these texts");
      if constexpr (is_text) {
        return std::string{x...};
      }
    } else if constexpr (requires { groups::key(x...); }) {
      return groups::key(x...);
    } else if constexpr (std::same_as<groups, everything>) {
      static_assert(sizeof...(Value) == 0, "dcrf: this observer has one group for all rows: "
                                           "subscribe without a key, or declare its `groups`");
    } else if constexpr (requires { &groups::key; }) {
      static_assert(sizeof...(Value) != sizeof...(Value),
                    "dcrf: the groups of this observer are keyed by a member: subscribe with one "
                    "value of its type");
    } else {
      static_assert(is_text, "dcrf: this observer has groups of several kinds: subscribe with the "
                             "key of one, as `dcrf::by<&model::member>::key(value)`");
      if constexpr (is_text) {
        return std::string{x...};
      }
    }
    return {};
  }
};

} // namespace detail

} // namespace dcrf
