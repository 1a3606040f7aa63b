#pragma once

#include <concepts>
#include <type_traits>

namespace dcrf::detail {

/// Tells whether a class has a member of a name, of whatever kind, and public or not: `Names` has
/// it too, so that here it means two things.
///
///     struct names { static constexpr int permissions = 0; };
///     constexpr bool is_left_out = requires { with_names<T, names>::permissions; };
///
/// What the library looks for by name goes through here: a declaration in the private part of a
/// class must be an error, and not one that was left out.
/// The name of the class itself is such a member, too.
/// @pre `T` is complete and not final
template <class T, class Names>
struct with_names : T, Names {};

/// Whether a pointer to a member, of whatever class, has this type.
template <class Type, class Class, class Found>
constexpr bool is_member_of_type(Found Class::*) {
  return std::is_convertible_v<Found Class::*, Type Class::*>;
}

template <class Type, class Found>
constexpr bool is_member_of_type(Found) {
  return false;
}

/// Refuses a class that is not the one its base was told of.
template <class Self>
consteval bool is_declared_itself() {
  if constexpr (requires { typename Self::declared_class; }) {
    constexpr bool is_declared = std::same_as<Self, typename Self::declared_class>;
    static_assert(is_declared,
                  "dcrf: this class is not the one that its base is told of, which sees nothing of "
                  "what it declares: write `class lobby : public dcrf::api_consumer<lobby, base>`; "
                  "a view or a view set is told of its own class as the first argument");
    return is_declared;
  }
  return true;
}

} // namespace dcrf::detail
