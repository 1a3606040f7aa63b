#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/model/described.hpp"
#include "dcrf/view/handler_view.hpp"

#include <array>
#include <cstddef>

namespace dcrf {

namespace detail {

struct view_handler_list {
  std::array<view_handler, 7> rows{};
  std::size_t size = 0;

  constexpr void add(view_handler x) { rows[size++] = x; }
};

// The names of handlers.
struct handler_names {
  static constexpr int get = 0, post = 0, put = 0, patch = 0, delete_ = 0, head = 0, options = 0;
};

/// Refuses what has the name of a handler and is none.
template <class Self>
consteval bool has_right_handlers() {
  using names = with_names<Self, handler_names>;
  static_assert(
      requires { names::get; } || requires(Self& x, view_request& req) { as_task(x.get(req)); },
      "dcrf: the handler `get` is private or of another signature: write `dcrf::view_response "
      "get(dcrf::view_request&)`, or a dcrf::task of one, in the public part of the class");
  static_assert(
      requires { names::post; } || requires(Self& x, view_request& req) { as_task(x.post(req)); },
      "dcrf: the handler `post` is private or of another signature: write `dcrf::view_response "
      "post(dcrf::view_request&)`, or a dcrf::task of one, in the public part of the class");
  static_assert(
      requires { names::put; } || requires(Self& x, view_request& req) { as_task(x.put(req)); },
      "dcrf: the handler `put` is private or of another signature: write `dcrf::view_response "
      "put(dcrf::view_request&)`, or a dcrf::task of one, in the public part of the class");
  static_assert(
      requires { names::patch; } || requires(Self& x, view_request& req) { as_task(x.patch(req)); },
      "dcrf: the handler `patch` is private or of another signature: write `dcrf::view_response "
      "patch(dcrf::view_request&)`, or a dcrf::task of one, in the public part of the class");
  static_assert(
      requires { names::delete_; }
          || requires(Self& x, view_request& req) { as_task(x.delete_(req)); },
      "dcrf: the handler `delete_` is private or of another signature: write `dcrf::view_response "
      "delete_(dcrf::view_request&)`, or a dcrf::task of one, in the public part of the class");
  static_assert(
      requires { names::head; } || requires(Self& x, view_request& req) { as_task(x.head(req)); },
      "dcrf: the handler `head` is private or of another signature: write `dcrf::view_response "
      "head(dcrf::view_request&)`, or a dcrf::task of one, in the public part of the class");
  static_assert(
      requires { names::options; }
          || requires(Self& x, view_request& req) { as_task(x.options(req)); },
      "dcrf: the handler `options` is private or of another signature: write `dcrf::view_response "
      "options(dcrf::view_request&)`, or a dcrf::task of one, in the public part of the class");
  return true;
}

// The handlers that a view has, found by their names.
template <class Self>
constexpr view_handler_list declared_handlers() {
  view_handler_list result;
  if constexpr (requires(Self& self, view_request& req) { as_task(self.get(req)); }) {
    result.add({"GET", [](view& self, view_request& req) {
                  return as_task(static_cast<Self&>(self).get(req));
                }});
  }
  if constexpr (requires(Self& self, view_request& req) { as_task(self.post(req)); }) {
    result.add({"POST", [](view& self, view_request& req) {
                  return as_task(static_cast<Self&>(self).post(req));
                }});
  }
  if constexpr (requires(Self& self, view_request& req) { as_task(self.put(req)); }) {
    result.add({"PUT", [](view& self, view_request& req) {
                  return as_task(static_cast<Self&>(self).put(req));
                }});
  }
  if constexpr (requires(Self& self, view_request& req) { as_task(self.patch(req)); }) {
    result.add({"PATCH", [](view& self, view_request& req) {
                  return as_task(static_cast<Self&>(self).patch(req));
                }});
  }
  if constexpr (requires(Self& self, view_request& req) { as_task(self.delete_(req)); }) {
    result.add({"DELETE", [](view& self, view_request& req) {
                  return as_task(static_cast<Self&>(self).delete_(req));
                }});
  }
  if constexpr (requires(Self& self, view_request& req) { as_task(self.head(req)); }) {
    result.add({"HEAD", [](view& self, view_request& req) {
                  return as_task(static_cast<Self&>(self).head(req));
                }});
  }
  if constexpr (requires(Self& self, view_request& req) { as_task(self.options(req)); }) {
    result.add({"OPTIONS", [](view& self, view_request& req) {
                  return as_task(static_cast<Self&>(self).options(req));
                }});
  }
  return result;
}

} // namespace detail

/// A view with a handler for each method that it answers, as DRF's APIView: public methods `get`,
/// `post`, `put`, `patch`, `delete_`, `head`, `options`, which take a view_request& and return a
/// view_response or a task of one.
///
///     class hello_view : public dcrf::api_view<hello_view> {
///     public:
///       using permissions = dcrf::permissions<dcrf::drf::is_authenticated>;
///
///       dcrf::view_response get(dcrf::view_request& req) {
///         return dcrf::view_response::ok(dcrf::json{{"hello", req.user().username}});
///       }
///     };
///
/// Exceptions are answered as DRF does: see error_report. `permissions` may be left out; whom they
/// deny gets 401 if anonymous, else 403. A permission that is not made for views sees the method as
/// the action of its request. About rows they are asked where a handler calls
/// `check_object_permissions`.
template <class Self>
class api_view : public handler_view {
public:
  using declared_class = Self;

protected:
  [[nodiscard]] std::span<const view_handler> handlers(const view_request&) const final {
    static_assert(detail::has_right_names<Self>());
    if constexpr (!std::is_final_v<Self>) {
      static_assert(detail::has_right_handlers<Self>());
      static_assert(
          requires { detail::with_names<Self, detail::consumer_names>::throttles; },
          "dcrf: a view has no throttles: they are for consumers");
    }
    static constexpr auto declared = detail::declared_handlers<Self>();
    static_assert(declared.size > 0,
                  "dcrf: an api_view has at least one public handler (get, post, "
                  "put, patch, delete_, head, options) that takes a "
                  "dcrf::view_request& and returns a dcrf::view_response or a "
                  "task of one");
    return std::span{declared.rows}.first(declared.size);
  }

  [[nodiscard]] bool has_permission(const request& asking) const final {
    using permissions = typename detail::declared_permissions<Self>::type;
    static_assert(!permissions::awaits,
                  "dcrf: permissions that await are for consumers; a handler of a view may ask by "
                  "itself, and throw dcrf::permission_denied");
    return permissions::has_permission(asking);
  }

  [[nodiscard]] bool has_object_permission(const request& asking, const instance& row) const final {
    return detail::declared_permissions<Self>::type::has_object_permission(asking, row);
  }

  [[nodiscard]] std::string name() const override {
    return detail::view_name(dcrf::detail::type_name<Self>());
  }
};

} // namespace dcrf
