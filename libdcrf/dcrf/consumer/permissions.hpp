#pragma once

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
concept object_permission_type = permission_type<T> && requires(const T& x, const request& req,
                                                                const instance& row) {
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
      requires(object_permission_type<Lhs> || object_permission_type<Rhs>) {
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
      requires(object_permission_type<Lhs> || object_permission_type<Rhs>) {
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
  [[nodiscard]] bool
  has_object_permission(const request& x,
                        const instance& row) const requires object_permission_type<Inner> {
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

/// The permissions of a consumer: all must agree.
template <permission_type auto... Permissions>
struct permissions {
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
