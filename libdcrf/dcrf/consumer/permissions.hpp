#pragma once

#include "dcrf/model/declared.hpp"
#include "dcrf/model/instance.hpp"
#include "dcrf/protocol/request.hpp"

#include <concepts>
#include <type_traits>

namespace dcrf {

/// The base of permissions. A permission is asked twice: when a client connects, and for each of
/// its requests. It says yes unless it says otherwise.
///
///     struct is_moderator_permission : dcrf::permission {
///       bool has_permission(const dcrf::request& req) const { return req.user().is_staff; }
///     };
///     inline constexpr is_moderator_permission is_moderator{};
///
/// A permission that has `bool has_object_permission(const dcrf::request&, const dcrf::instance&)
/// const` is asked a third question by consumers over a model: for the row that is retrieved,
/// updated, patched, deleted or subscribed to, and for each event of it.
///
/// Permissions compose with `&&`, `||` and `!`; the composition holds for all questions. One that
/// does not ask about rows has no say in what is composed about them.
struct permission {
  [[nodiscard]] bool can_connect(const scope&) const { return true; }
  [[nodiscard]] bool has_permission(const request&) const { return true; }
};

template <class T>
concept permission_type = std::derived_from<T, permission>;

/// A permission that is asked about rows.
template <class T>
concept object_permission_type =
    permission_type<T> && requires(const T& x, const request& req, const instance& row) {
      { x.has_object_permission(req, row) } -> std::same_as<bool>;
    };

namespace detail {

template <permission_type T>
bool object_allowed(const T& x, const request& req, const instance& row) {
  if constexpr (object_permission_type<T>) {
    return x.has_object_permission(req, row);
  } else {
    return true;
  }
}

} // namespace detail

template <permission_type Lhs, permission_type Rhs>
struct both : permission {
  Lhs lhs;
  Rhs rhs;

  constexpr both(Lhs l, Rhs r) : lhs(l), rhs(r) {}
  [[nodiscard]] bool can_connect(const scope& x) const {
    return lhs.can_connect(x) && rhs.can_connect(x);
  }
  [[nodiscard]] bool has_permission(const request& x) const {
    return lhs.has_permission(x) && rhs.has_permission(x);
  }
  [[nodiscard]] bool has_object_permission(const request& x, const instance& row) const
    requires(object_permission_type<Lhs> || object_permission_type<Rhs>)
  {
    return detail::object_allowed(lhs, x, row) && detail::object_allowed(rhs, x, row);
  }
};

template <permission_type Lhs, permission_type Rhs>
struct either : permission {
  Lhs lhs;
  Rhs rhs;

  constexpr either(Lhs l, Rhs r) : lhs(l), rhs(r) {}
  [[nodiscard]] bool can_connect(const scope& x) const {
    return lhs.can_connect(x) || rhs.can_connect(x);
  }
  [[nodiscard]] bool has_permission(const request& x) const {
    return lhs.has_permission(x) || rhs.has_permission(x);
  }
  // The one that let the request through has to agree to the row, as in DRF.
  [[nodiscard]] bool has_object_permission(const request& x, const instance& row) const
    requires(object_permission_type<Lhs> || object_permission_type<Rhs>)
  {
    return (lhs.has_permission(x) && detail::object_allowed(lhs, x, row))
           || (rhs.has_permission(x) && detail::object_allowed(rhs, x, row));
  }
};

template <permission_type Inner>
struct negated : permission {
  Inner inner;

  constexpr explicit negated(Inner x) : inner(x) {}
  [[nodiscard]] bool can_connect(const scope& x) const { return !inner.can_connect(x); }
  [[nodiscard]] bool has_permission(const request& x) const { return !inner.has_permission(x); }
  [[nodiscard]] bool has_object_permission(const request& x, const instance& row) const
    requires object_permission_type<Inner>
  {
    return !inner.has_object_permission(x, row);
  }
};

template <permission_type Lhs, permission_type Rhs>
constexpr both<Lhs, Rhs> operator&&(Lhs lhs, Rhs rhs) {
  return {lhs, rhs};
}

template <permission_type Lhs, permission_type Rhs>
constexpr either<Lhs, Rhs> operator||(Lhs lhs, Rhs rhs) {
  return {lhs, rhs};
}

template <permission_type Inner>
constexpr negated<Inner> operator!(Inner x) {
  return negated<Inner>{x};
}

struct allow_any_permission : permission {};

/// Everybody.
inline constexpr allow_any_permission allow_any{};

struct is_authenticated_permission : permission {
  [[nodiscard]] bool has_permission(const request& x) const { return x.user().is_authenticated(); }
};

/// Users who are logged in. Others may connect, as in DCRF, but every request of theirs is denied;
/// see authenticated_connection.
inline constexpr is_authenticated_permission is_authenticated{};

struct is_staff_permission : permission {
  [[nodiscard]] bool has_permission(const request& x) const { return x.user().is_staff; }
};

/// Users of the staff. Others may connect, but every request of theirs is denied.
inline constexpr is_staff_permission is_staff{};

struct authenticated_connection_permission : permission {
  [[nodiscard]] bool can_connect(const scope& x) const { return x.user.is_authenticated(); }
};

/// Only users who are logged in can connect at all.
inline constexpr authenticated_connection_permission authenticated_connection{};

namespace detail {

// The question that a permission may be asked besides, and words for it that it is never asked by.
struct permission_names {
  static constexpr int has_object_permission = 0, has_object_permision = 0,
                       has_object_permissions = 0, has_obj_permission = 0, has_object_perm = 0,
                       has_permision = 0, has_permissions = 0, has_permisson = 0, has_perm = 0,
                       can_connects = 0, may_connect = 0, can_conect = 0;
};

/// Refuses a permission that would not be asked what it was written for.
template <class T>
struct permission_check {
  static_assert(permission_type<T>, "dcrf: permissions<...> lists values of classes that derive "
                                    "from dcrf::permission");
  static_assert(!std::is_final_v<T>, "dcrf: a permission is not final; leave that out, or the "
                                     "library does not see all that the class has");

  static consteval bool passed() {
    if constexpr (permission_type<T> && !std::is_final_v<T>) {
      using names = with_names<T, permission_names>;
      static_assert(
          requires {
            names::has_permision;
            names::has_permissions;
            names::has_permisson;
            names::has_perm;
          }, "dcrf: a permission is asked by `has_permission`: write `bool has_permission(const "
             "dcrf::request&) const`");
      static_assert(
          requires {
            names::has_object_permision;
            names::has_object_permissions;
            names::has_object_perm;
            names::has_obj_permission;
          }, "dcrf: a permission is asked about rows by `has_object_permission`: write `bool "
             "has_object_permission(const dcrf::request&, const dcrf::instance&) const`");
      static_assert(
          requires {
            names::can_connects;
            names::may_connect;
            names::can_conect;
          }, "dcrf: a permission is asked about a connection by `can_connect`: write `bool "
             "can_connect(const dcrf::scope&) const`");
      static_assert(
          requires(const T& x, const request& req) { static_cast<bool>(x.has_permission(req)); },
          "dcrf: a permission's `has_permission` is private or of another signature: write `bool "
          "has_permission(const dcrf::request&) const` in the public part");
      static_assert(
          requires(const T& x, const scope& connection) {
            static_cast<bool>(x.can_connect(connection));
          }, "dcrf: a permission's `can_connect` is private or of another signature: write `bool "
             "can_connect(const dcrf::scope&) const` in the public part");
      static_assert(
          object_permission_type<T> || requires { names::has_object_permission; },
          "dcrf: a permission's `has_object_permission` is private or of another signature: write "
          "`bool has_object_permission(const dcrf::request&, const dcrf::instance&) const` in the "
          "public part");
      static_assert(says_something(),
                    "dcrf: a permission has neither `can_connect` nor `has_permission` nor "
                    "`has_object_permission`, so that it lets everybody in; for that there is "
                    "dcrf::allow_any");
    }
    return true;
  }

private:
  static constexpr bool says_something() {
    using request_question = bool (permission::*)(const request&) const;
    using connection_question = bool (permission::*)(const scope&) const;
    if constexpr (requires {
                    requires std::same_as<decltype(&T::has_permission), request_question>;
                    requires std::same_as<decltype(&T::can_connect), connection_question>;
                  }) {
      return object_permission_type<T> || std::same_as<T, allow_any_permission>;
    } else {
      return true;
    }
  }
};

template <class Lhs, class Rhs>
struct permission_check<both<Lhs, Rhs>> {
  static consteval bool passed() {
    return permission_check<Lhs>::passed() && permission_check<Rhs>::passed();
  }
};
template <class Lhs, class Rhs>
struct permission_check<either<Lhs, Rhs>> : permission_check<both<Lhs, Rhs>> {};
template <class Inner>
struct permission_check<negated<Inner>> : permission_check<Inner> {};

} // namespace detail

/// The permissions of a consumer: all must agree.
template <auto... Permissions>
struct permissions {
  static_assert((detail::permission_check<std::remove_const_t<decltype(Permissions)>>::passed()
                 && ...));

  static bool can_connect(const scope& x) { return (Permissions.can_connect(x) && ...); }
  static bool has_permission(const request& x) { return (Permissions.has_permission(x) && ...); }

  /// Whether one of them is asked about rows.
  static constexpr bool asks_about_rows =
      (object_permission_type<std::remove_const_t<decltype(Permissions)>> || ...);
  static bool has_object_permission(const request& x, const instance& row) {
    return (detail::object_allowed(Permissions, x, row) && ...);
  }
};

} // namespace dcrf
