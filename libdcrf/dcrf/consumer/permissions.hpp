#pragma once

#include "dcrf/model/declared.hpp"
#include "dcrf/model/instance.hpp"
#include "dcrf/protocol/request.hpp"
#include "dcrf/runtime/runtime.hpp"
#include "dcrf/runtime/task.hpp"

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
/// One that has to look into the database says so by its signature: `dcrf::task<bool>
/// has_permission(const dcrf::request&, const dcrf::runtime&) const`, and `can_connect` with the
/// same result and a `const dcrf::runtime&` as its second argument. It has no members, is asked
/// once for a request, whatever rows that is about, and about events once in a second at most.
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

/// A permission that awaits something before it says whether a request may be made.
template <class T>
concept awaiting_permission_type =
    permission_type<T> && requires(const T& x, const request& req, const runtime& within) {
      { x.has_permission(req, within) } -> std::same_as<task<bool>>;
    };

/// The same, about a connection.
template <class T>
concept awaiting_connection_type =
    permission_type<T> && requires(const T& x, const scope& connection, const runtime& within) {
      { x.can_connect(connection, within) } -> std::same_as<task<bool>>;
    };

namespace detail {

// Those that await, asked as those are that don't.

template <awaiting_permission_type T>
task<bool> ask_permission(const T& x, const request& req, const runtime& within) {
  return x.has_permission(req, within);
}
template <permission_type T>
task<bool> ask_permission(const T& x, const request& req, const runtime&) {
  co_return x.has_permission(req);
}

template <awaiting_connection_type T>
task<bool> ask_connection(const T& x, const scope& connection, const runtime& within) {
  return x.can_connect(connection, within);
}
template <permission_type T>
task<bool> ask_connection(const T& x, const scope& connection, const runtime&) {
  co_return x.can_connect(connection);
}

template <class Lhs, class Rhs>
concept one_awaits = awaiting_permission_type<Lhs> || awaiting_permission_type<Rhs>;
template <class Lhs, class Rhs>
concept one_awaits_connection = awaiting_connection_type<Lhs> || awaiting_connection_type<Rhs>;

template <permission_type T>
bool object_allowed(const T& x, const request& req, const instance& row) {
  if constexpr (object_permission_type<T>) {
    return x.has_object_permission(req, row);
  } else {
    return true;
  }
}

} // namespace detail

// gcc 12 evaluates a co_await within `?:` whatever the condition says, so there is none.
template <permission_type Lhs, permission_type Rhs>
struct both : permission {
  Lhs lhs;
  Rhs rhs;

  constexpr both(Lhs l, Rhs r) : lhs(l), rhs(r) {}
  [[nodiscard]] bool can_connect(const scope& x) const
    requires(!detail::one_awaits_connection<Lhs, Rhs>)
  {
    return lhs.can_connect(x) && rhs.can_connect(x);
  }
  [[nodiscard]] task<bool> can_connect(const scope& x, const runtime& within) const
    requires detail::one_awaits_connection<Lhs, Rhs>
  {
    bool agrees = co_await detail::ask_connection(lhs, x, within);
    if (agrees) {
      agrees = co_await detail::ask_connection(rhs, x, within);
    }
    co_return agrees;
  }
  [[nodiscard]] bool has_permission(const request& x) const
    requires(!detail::one_awaits<Lhs, Rhs>)
  {
    return lhs.has_permission(x) && rhs.has_permission(x);
  }
  [[nodiscard]] task<bool> has_permission(const request& x, const runtime& within) const
    requires detail::one_awaits<Lhs, Rhs>
  {
    bool agrees = co_await detail::ask_permission(lhs, x, within);
    if (agrees) {
      agrees = co_await detail::ask_permission(rhs, x, within);
    }
    co_return agrees;
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

  static_assert(!(detail::one_awaits<Lhs, Rhs>
                  && (object_permission_type<Lhs> || object_permission_type<Rhs>)),
                "dcrf: `||` of a permission that awaits and one that is asked about rows can't be "
                "answered row by row; limit the rows by `queryset`, which may await, too");

  constexpr either(Lhs l, Rhs r) : lhs(l), rhs(r) {}
  [[nodiscard]] bool can_connect(const scope& x) const
    requires(!detail::one_awaits_connection<Lhs, Rhs>)
  {
    return lhs.can_connect(x) || rhs.can_connect(x);
  }
  [[nodiscard]] task<bool> can_connect(const scope& x, const runtime& within) const
    requires detail::one_awaits_connection<Lhs, Rhs>
  {
    bool agrees = co_await detail::ask_connection(lhs, x, within);
    if (!agrees) {
      agrees = co_await detail::ask_connection(rhs, x, within);
    }
    co_return agrees;
  }
  [[nodiscard]] bool has_permission(const request& x) const
    requires(!detail::one_awaits<Lhs, Rhs>)
  {
    return lhs.has_permission(x) || rhs.has_permission(x);
  }
  [[nodiscard]] task<bool> has_permission(const request& x, const runtime& within) const
    requires detail::one_awaits<Lhs, Rhs>
  {
    bool agrees = co_await detail::ask_permission(lhs, x, within);
    if (!agrees) {
      agrees = co_await detail::ask_permission(rhs, x, within);
    }
    co_return agrees;
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
  [[nodiscard]] bool can_connect(const scope& x) const
    requires(!awaiting_connection_type<Inner>)
  {
    return !inner.can_connect(x);
  }
  [[nodiscard]] task<bool> can_connect(const scope& x, const runtime& within) const
    requires awaiting_connection_type<Inner>
  {
    co_return !co_await inner.can_connect(x, within);
  }
  [[nodiscard]] bool has_permission(const request& x) const
    requires(!awaiting_permission_type<Inner>)
  {
    return !inner.has_permission(x);
  }
  [[nodiscard]] task<bool> has_permission(const request& x, const runtime& within) const
    requires awaiting_permission_type<Inner>
  {
    co_return !co_await inner.has_permission(x, within);
  }
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

// What a permission can't be composed with.
template <permission_type Lhs, class Rhs>
  requires(!permission_type<Rhs>)
constexpr Lhs operator&&(Lhs lhs, Rhs) {
  static_assert(permission_type<Rhs>, "dcrf: permissions compose with values of permissions");
  return lhs;
}
template <permission_type Lhs, class Rhs>
  requires(!permission_type<Rhs>)
constexpr Lhs operator||(Lhs lhs, Rhs) {
  static_assert(permission_type<Rhs>, "dcrf: permissions compose with values of permissions");
  return lhs;
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
  static consteval bool passed() {
    static_assert(permission_type<T>, "dcrf: permissions<...> lists values of classes that derive "
                                      "from dcrf::permission");
    static_assert(!std::is_final_v<T>, "dcrf: a permission is not final; leave that out, or the "
                                       "library does not see all that the class has");
    if constexpr (!permission_type<T> || std::is_final_v<T>) {
      return false;
    } else {
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
      constexpr bool answers_requests =
          awaiting_permission_type<T> || requires(const T& x, const request& req) {
            { x.has_permission(req) } -> std::convertible_to<bool>;
          };
      static_assert(
          answers_requests,
          "dcrf: a permission's `has_permission` is private or of another signature: write `bool "
          "has_permission(const dcrf::request&) const` in the public part");
      constexpr bool answers_connections =
          awaiting_connection_type<T> || requires(const T& x, const scope& connection) {
            { x.can_connect(connection) } -> std::convertible_to<bool>;
          };
      static_assert(
          answers_connections,
          "dcrf: a permission's `can_connect` is private or of another signature: write `bool "
          "can_connect(const dcrf::scope&) const` in the public part");
      constexpr bool answers_rows =
          object_permission_type<T> || requires { names::has_object_permission; };
      static_assert(
          answers_rows,
          "dcrf: a permission's `has_object_permission` is private or of another signature: write "
          "`bool has_object_permission(const dcrf::request&, const dcrf::instance&) const` in the "
          "public part");
      static_assert(
          (!awaiting_permission_type<T> && !awaiting_connection_type<T>) || std::is_empty_v<T>,
          "dcrf: a permission that awaits has no members: it is asked once for what many "
          "ask");
      static_assert(says_something(),
                    "dcrf: a permission has neither `can_connect` nor `has_permission` nor "
                    "`has_object_permission`, so that it lets everybody in; for that there is "
                    "dcrf::allow_any");
      return answers_requests && answers_connections && answers_rows;
    }
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

namespace detail {

template <class T>
constexpr bool asks_about_requests =
    object_permission_type<T> || awaiting_permission_type<T> || !requires {
      requires std::same_as<decltype(&T::has_permission),
                            bool (permission::*)(const request&) const>;
    };
template <class Lhs, class Rhs>
constexpr bool asks_about_requests<both<Lhs, Rhs>> =
    asks_about_requests<Lhs> || asks_about_requests<Rhs>;
template <class Lhs, class Rhs>
constexpr bool asks_about_requests<either<Lhs, Rhs>> = asks_about_requests<both<Lhs, Rhs>>;
template <class Inner>
constexpr bool asks_about_requests<negated<Inner>> = true;

template <class First, class... Rest>
task<bool> ask_all(const request& x, const runtime& within, const First& first,
                   const Rest&... rest) {
  bool is_allowed = co_await ask_permission(first, x, within);
  if constexpr (sizeof...(Rest) > 0) {
    if (is_allowed) {
      is_allowed = co_await ask_all(x, within, rest...);
    }
  }
  co_return is_allowed;
}

template <class First, class... Rest>
task<bool> ask_all_of_connection(const scope& x, const runtime& within, const First& first,
                                 const Rest&... rest) {
  bool is_allowed = co_await ask_connection(first, x, within);
  if constexpr (sizeof...(Rest) > 0) {
    if (is_allowed) {
      is_allowed = co_await ask_all_of_connection(x, within, rest...);
    }
  }
  co_return is_allowed;
}

} // namespace detail

/// The permissions of a consumer: all must agree.
template <auto... Permissions>
struct permissions {
  /// Refuses what would not be asked.
  static consteval bool are_right() {
    return (... && detail::permission_check<std::remove_const_t<decltype(Permissions)>>::passed());
  }

  /// Whether one of them awaits something before it says who may connect, or what.
  static constexpr bool awaits_connection =
      (awaiting_connection_type<std::remove_const_t<decltype(Permissions)>> || ...);
  static constexpr bool awaits =
      (awaiting_permission_type<std::remove_const_t<decltype(Permissions)>> || ...);

  /// Whether one of them says something of requests.
  static constexpr bool asks_about_requests =
      (detail::asks_about_requests<std::remove_const_t<decltype(Permissions)>> || ...);

  static bool can_connect(const scope& x)
    requires(!awaits_connection)
  {
    return (Permissions.can_connect(x) && ...);
  }
  static task<bool> ask_connection(const scope& x, const runtime& within)
    requires awaits_connection
  {
    return detail::ask_all_of_connection(x, within, Permissions...);
  }

  /// Where one awaits, what `ask` has said of the request.
  static bool has_permission(const request& x) {
    if constexpr (awaits) {
      return x.answers().is_allowed;
    } else {
      return (Permissions.has_permission(x) && ...);
    }
  }
  static task<bool> ask(const request& x, const runtime& within)
    requires awaits
  {
    return detail::ask_all(x, within, Permissions...);
  }

  /// Whether one of them is asked about rows.
  static constexpr bool asks_about_rows =
      (object_permission_type<std::remove_const_t<decltype(Permissions)>> || ...);
  static bool has_object_permission(const request& x, const instance& row) {
    return (detail::object_allowed(Permissions, x, row) && ...);
  }
};

namespace detail {

template <class T>
constexpr bool is_permission_list = false;
template <auto... Permissions>
constexpr bool is_permission_list<permissions<Permissions...>> = true;

} // namespace detail

} // namespace dcrf
