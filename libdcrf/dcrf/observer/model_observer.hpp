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
///  - a serializer, or `static json_text body(const T& row, change_kind kind)`; without either the
///    body is `{"pk": …}`. Both run on the store's thread.
///  - `static task<> handle(Consumer& self, const observed& event)`: what a consumer does with an
///    event, on the session's thread; by default it sends a reply for each request id.
///  - `static constexpr bool watches_relations = true`: a change of the model's many-to-many
///  relations
///    is an update too.
///  - `static constexpr std::string_view action`: the `action` of the replies.
template <model_type T, class Serializer = void>
struct model_observer {
  using model_type = T;
  using serializer = Serializer;
  using groups = everything;
};

namespace detail {

template <class Observer>
concept has_own_groups = requires(const typename Observer::model_type& row) {
  Observer::groups_for(row);
};

template <class Observer>
concept has_own_body = requires(const typename Observer::model_type& row) {
  { Observer::body(row, change_kind::create) } -> std::convertible_to<json_text>;
};

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

template <class Observer>
requires requires { typename Observer::model_type; }
struct observer_builder<Observer> {
  static observer_descriptor build() {
    auto result = describe_observer<Observer>();
    result.subject = &model_of<typename Observer::model_type>();
    result.plan = &plan_of<Observer>;
    if constexpr (requires { Observer::watches_relations; }) {
      result.watches_relations = Observer::watches_relations;
    }
    result.groups = &groups_of<Observer>;
    result.body = &body_of<Observer>;
    return result;
  }
};

} // namespace detail

} // namespace dcrf
