#pragma once

#include "dcrf/consumer/permissions.hpp"

#include <string>
#include <string_view>

namespace dcrf {

/// The HTTP method that an action of a consumer stands for: PUT for `create`, PATCH for `update`,
/// GET for `list` and `retrieve`, else its own name in upper case.
[[nodiscard]] std::string method_of_action(std::string_view action);

/// Whether a method only reads: GET, HEAD and OPTIONS do.
[[nodiscard]] bool is_safe_method(std::string_view method) noexcept;

/// The base of permissions that are made for HTTP views: they know the user and the method, and
/// nothing else.
///
///     struct is_editor_permission : dcrf::view_permission<is_editor_permission> {
///       bool allows(const dcrf::user_info& user, std::string_view method) const {
///         return user.is_staff || dcrf::is_safe_method(method);
///       }
///     };
///     inline constexpr is_editor_permission is_editor{};
///
/// As a permission of a consumer it is asked with HEAD when a client connects, and with the method
/// that stands for the action at each request.
template <class Self>
struct view_permission : permission {
  [[nodiscard]] bool can_connect(const scope& x) const {
    return static_cast<const Self&>(*this).allows(x.user, "HEAD");
  }
  [[nodiscard]] bool has_permission(const request& x) const {
    return static_cast<const Self&>(*this).allows(x.user(), method_of_action(x.action()));
  }
};

/// The permissions of Django REST Framework, which know what HTTP knows. On a consumer they refuse
/// the connection of whom they do not let read, where the permissions of consumers refuse each
/// request.
namespace drf {

struct allow_any_permission : view_permission<allow_any_permission> {
  [[nodiscard]] bool allows(const user_info&, std::string_view) const noexcept { return true; }
};

/// Everybody.
inline constexpr allow_any_permission allow_any{};

struct is_authenticated_permission : view_permission<is_authenticated_permission> {
  [[nodiscard]] bool allows(const user_info& user, std::string_view) const noexcept {
    return user.is_authenticated();
  }
};

/// Users who are logged in.
inline constexpr is_authenticated_permission is_authenticated{};

struct is_authenticated_or_read_only_permission
    : view_permission<is_authenticated_or_read_only_permission> {
  [[nodiscard]] bool allows(const user_info& user, std::string_view method) const noexcept {
    return is_safe_method(method) || user.is_authenticated();
  }
};

/// Everybody may read, and users who are logged in may write.
inline constexpr is_authenticated_or_read_only_permission is_authenticated_or_read_only{};

struct is_admin_user_permission : view_permission<is_admin_user_permission> {
  [[nodiscard]] bool allows(const user_info& user, std::string_view) const noexcept {
    return user.is_authenticated() && user.is_staff;
  }
};

/// Users of the staff.
inline constexpr is_admin_user_permission is_admin_user{};

} // namespace drf

} // namespace dcrf
