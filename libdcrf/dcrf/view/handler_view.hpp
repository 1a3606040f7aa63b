#pragma once

#include "dcrf/model/instance.hpp"
#include "dcrf/protocol/request.hpp"
#include "dcrf/view/view.hpp"

#include <span>
#include <string>
#include <string_view>

namespace dcrf {

/// A handler of a view, as the view's table has it.
struct view_handler {
  /// In upper case.
  std::string_view method;
  task<view_response> (*call)(view& self, view_request& req) = nullptr;
  /// The name of the view set's action; empty for other views.
  std::string_view action{};
};

/// A view that has a handler for each method that it answers, whatever these are: what api_view and
/// view_set have in common, as APIView of DRF. A method without handler is answered with 405,
/// except for HEAD, which GET answers, and OPTIONS, which tells what the view is. All answers have
/// the header `Allow`. What DRF's exceptions say is the answer; what is unexpected is thrown on.
class handler_view : public view {
public:
  task<view_response> dispatch(view_request& req) final;

protected:
  [[nodiscard]] virtual std::span<const view_handler> handlers(const view_request& req) const = 0;

  /// What the permissions of the view say.
  /// @param asking its action is the method
  [[nodiscard]] virtual bool has_permission(const request& asking) const = 0;

  /// What the permissions of the view say about a row.
  [[nodiscard]] virtual bool has_object_permission(const request& asking,
                                                   const instance& row) const = 0;

  /// Asks the permissions of the view about a row, as its actions on one row do.
  /// @throws not_authenticated, permission_denied
  void check_object_permissions(const view_request& req, const instance& row) const;

  /// What OPTIONS calls the view.
  [[nodiscard]] virtual std::string name() const = 0;
  /// The same of the route that is asked, if the view has several.
  [[nodiscard]] virtual std::string route_name() const { return name(); }

  /// The header `WWW-Authenticate` of an answer with status 401; none if empty.
  [[nodiscard]] virtual std::string authenticate_header(const view_request&) const { return {}; }

private:
  task<view_response> answer(view_request& req);
  void check_permission(const view_request& req) const;
  [[nodiscard]] view_response error_response(const view_request& req,
                                             const std::exception_ptr& error) const;
  [[nodiscard]] view_response metadata() const;
};

namespace detail {

/// The name of a view's class for people: `item_list_view` is "Item List".
std::string view_name(std::string_view class_name);

} // namespace detail

} // namespace dcrf
