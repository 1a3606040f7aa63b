#pragma once

#include "dcrf/consumer/action.hpp"
#include "dcrf/consumer/permissions.hpp"
#include "dcrf/consumer/throttling.hpp"
#include "dcrf/model/declared.hpp"
#include "dcrf/model/text_literal.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>

// What consumers, view sets and views declare by name. A declaration that is found, but not as it
// should be, is an error: if it counted as left out, everybody would be let in.

namespace dcrf::detail {

// What is looked for, and words for it that are nearly right.
struct consumer_names {
  static constexpr int permissions = 0, actions = 0, throttles = 0;

  static constexpr int permission = 0, permission_class = 0, permission_classes = 0,
                       permissions_classes = 0, permision = 0, permisions = 0, permissons = 0,
                       authentication_classes = 0, Permissions = 0, permission_list = 0;
  static constexpr int action = 0, action_list = 0, extra_actions = 0, Actions = 0;
  static constexpr int throttle = 0, throttle_class = 0, throttle_classes = 0, throttle_scope = 0,
                       throttle_rates = 0, throtles = 0, Throttles = 0;
};

/// A method of a class, which may well have a name that is nearly right.
template <class Pointer>
concept method_pointer = std::is_member_function_pointer_v<Pointer>;

/// Refuses a class that can't be searched, and names in it that are nearly right.
template <class Self>
consteval bool has_right_names() {
  static_assert(!std::is_final_v<Self>,
                "dcrf: a consumer, a view set or a view is not final: leave that out, or the "
                "library can't see all that the class declares");
  if constexpr (!std::is_final_v<Self>) {
    using names = with_names<Self, consumer_names>;
    static_assert(
        requires {
          names::permission_class;
          names::permission_classes;
          names::permissions_classes;
          names::permision;
          names::permisions;
          names::permissons;
          names::Permissions;
          names::permission_list;
        }
            && (
                requires { names::permission; }
                || requires { requires method_pointer<decltype(&Self::permission)>; }),
        "dcrf: this name is nearly right: who is let in is declared by `permissions`, as `using "
        "permissions = dcrf::permissions<...>`");
    static_assert(
        requires { names::authentication_classes; },
        "dcrf: `authentication_classes` means nothing here: who a user is finds out the server, by "
        "`server.authenticate(...)`");
    static_assert(
        requires {
          names::action_list;
          names::extra_actions;
          names::Actions;
        }
            && (
                requires { names::action; }
                || requires { requires method_pointer<decltype(&Self::action)>; }),
        "dcrf: this name is nearly right: actions are declared by `actions`, as `using actions = "
        "dcrf::actions<...>`");
    static_assert(
        requires {
          names::throttle_class;
          names::throttle_classes;
          names::throttle_scope;
          names::throttle_rates;
          names::throtles;
          names::Throttles;
        }
            && (
                requires { names::throttle; }
                || requires { requires method_pointer<decltype(&Self::throttle)>; }),
        "dcrf: this name is nearly right: rates are declared by `throttles`, as `using throttles = "
        "dcrf::throttles<...>`");
  }
  return true;
}

// -- permissions ----------------------------------------------------------------------------------

template <class Self>
concept has_permissions = !requires { with_names<Self, consumer_names>::permissions; };

// No assertion stands in a class itself: to clang it would be no class any more, and all that uses
// it an error of its own.
template <class Self>
struct declared_permissions {
  static constexpr bool is_right = has_right_names<Self>();
  using type = permissions<>;
};
template <class Self>
  requires(!std::is_final_v<Self> && has_permissions<Self>)
struct declared_permissions<Self> {
  static constexpr auto find() {
    constexpr bool is_found = requires { typename Self::permissions; };
    static_assert(is_found, "dcrf: `permissions` is private or no type: write `using permissions = "
                            "dcrf::permissions<...>` in the public part of the class");
    if constexpr (is_found) {
      constexpr bool is_list = is_permission_list<typename Self::permissions>;
      static_assert(is_list, "dcrf: `permissions` is no list: write `using permissions = "
                             "dcrf::permissions<...>`");
      if constexpr (is_list) {
        if constexpr (Self::permissions::are_right()) {
          return std::type_identity<typename Self::permissions>{};
        }
      }
    }
  }
  using found = decltype(find());
  static constexpr bool is_right = has_right_names<Self>() && !std::is_void_v<found>;
  using type =
      typename std::conditional_t<is_right, found, std::type_identity<permissions<>>>::type;
};

// -- throttles ------------------------------------------------------------------------------------

template <class Self>
concept has_throttles = !requires { with_names<Self, consumer_names>::throttles; };

template <class T>
constexpr bool is_throttle_list = false;
template <class... Rates>
constexpr bool is_throttle_list<throttles<Rates...>> = true;

template <class Self>
struct declared_throttles {
  static constexpr bool is_right = true;
  using type = throttles<>;
};
template <class Self>
  requires(!std::is_final_v<Self> && has_throttles<Self>)
struct declared_throttles<Self> {
  static constexpr auto find() {
    constexpr bool is_found = requires { typename Self::throttles; };
    static_assert(is_found, "dcrf: `throttles` is private or no type: write `using throttles = "
                            "dcrf::throttles<...>` in the public part of the class");
    if constexpr (is_found) {
      constexpr bool is_list = is_throttle_list<typename Self::throttles>;
      static_assert(is_list,
                    "dcrf: `throttles` is no list: write `using throttles = dcrf::throttles<...>`");
      if constexpr (is_list) {
        if constexpr (Self::throttles::are_right()) {
          return std::type_identity<typename Self::throttles>{};
        }
      }
    }
  }
  using found = decltype(find());
  static constexpr bool is_right = !std::is_void_v<found>;
  using type = typename std::conditional_t<is_right, found, std::type_identity<throttles<>>>::type;
};

// -- actions --------------------------------------------------------------------------------------

template <class T>
constexpr bool is_action_list = false;
template <class... Actions>
constexpr bool is_action_list<actions<Actions...>> = (is_action_word<Actions> && ...);

template <class Self>
concept has_actions = !requires { with_names<Self, consumer_names>::actions; };

template <class Self, class... Actions>
consteval bool are_actions_of(actions<Actions...>);

template <class Self>
struct declared_actions {
  static constexpr bool is_right = true;
  using type = actions<>;
};
template <class Self>
  requires(!std::is_final_v<Self> && has_actions<Self>)
struct declared_actions<Self> {
  static constexpr auto find() {
    constexpr bool is_found = requires { typename Self::actions; };
    static_assert(is_found, "dcrf: `actions` is private or no type: write `using actions = "
                            "dcrf::actions<...>` in the public part of the class");
    if constexpr (is_found) {
      constexpr bool is_list = is_action_list<typename Self::actions>;
      static_assert(is_list, "dcrf: `actions` is no list of actions: write `using actions = "
                             "dcrf::actions<dcrf::action<...>, ...>`");
      if constexpr (is_list) {
        if constexpr (are_actions_of<Self>(typename Self::actions{})) {
          return std::type_identity<typename Self::actions>{};
        }
      }
    }
  }
  using found = decltype(find());
  static constexpr bool is_right = !std::is_void_v<found>;
  using type = typename std::conditional_t<is_right, found, std::type_identity<actions<>>>::type;
};

/// The class whose method an action is; nothing for what the library makes an action.
template <class Action>
struct action_owner {
  using type = void;
};
template <class Action>
  requires requires { typename Action::owner; }
struct action_owner<Action> {
  using type = typename Action::owner;
};

/// Whether an action's method is one of the class; `Owner` is void if it is no method at all.
template <class Self, class Action, class Owner = typename action_owner<Action>::type>
constexpr bool belongs_to = std::is_void_v<Owner> || std::derived_from<Self, Owner>;

/// Refuses actions of other consumers, and several of one name.
template <class Self, class... Actions>
consteval bool are_actions_of(actions<Actions...>) {
  constexpr bool are_own = (belongs_to<Self, Actions> && ...);
  static_assert(are_own, "dcrf: `actions` lists a method of another class");
  if constexpr (are_own) {
    constexpr bool are_right = (... && Actions::is_right());
    if constexpr (are_right) {
      constexpr bool have_names = (!Actions::descriptor.name.empty() && ...);
      static_assert(have_names, "dcrf: an action has a name, by which clients call it");
      constexpr bool are_different = have_own_names<Actions...>();
      static_assert(are_different, "dcrf: two actions of this consumer have one name");
      return have_names && are_different;
    }
  }
  return false;
}

} // namespace dcrf::detail
