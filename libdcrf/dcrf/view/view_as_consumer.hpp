#pragma once

#include "dcrf/model/text_literal.hpp"
#include "dcrf/view/view_consumer.hpp"

#include <concepts>
#include <memory>

namespace dcrf {

/// Maps an action of a view_as_consumer to the method that the view is asked with.
template <text_literal Action, text_literal Method>
struct method_of {
  static constexpr bool is_right() { return true; }
  static constexpr action_descriptor descriptor{Action.view(),
                                                [](consumer& self, request& req) -> action_call {
                                                  return static_cast<view_consumer&>(self).answer(
                                                      Method.view(), req);
                                                },
                                                false, false};
};

namespace detail {

// The options of a view_as_consumer, taken apart.
template <class Mapping, class Permissions, class... Options>
struct view_options {
  using mapping = Mapping;
  using permissions = Permissions;
};
template <class... Mapped, class Permissions, text_literal Action, text_literal Method,
          class... Rest>
struct view_options<actions<Mapped...>, Permissions, method_of<Action, Method>, Rest...>
    : view_options<actions<Mapped..., method_of<Action, Method>>, Permissions, Rest...> {};
template <class Mapping, auto... Before, auto... Given, class... Rest>
struct view_options<Mapping, permissions<Before...>, permissions<Given...>, Rest...>
    : view_options<Mapping, permissions<Before..., Given...>, Rest...> {};

template <class Mapping>
struct mapping_or_default {
  using type = Mapping;
};
template <>
struct mapping_or_default<actions<>> {
  using type = actions<method_of<"create", "PUT">, method_of<"update", "PATCH">,
                       method_of<"list", "GET">, method_of<"retrieve", "GET">>;
};

} // namespace detail

/// A consumer that calls a view for each action: of a request's members the view gets `query`,
/// `parameters` and `data`, and what it answers is the data of the reply.
///
///     server.websocket<dcrf::view_as_consumer<item_view>>("/ws/item/");
///     server.websocket<dcrf::view_as_consumer<item_view,
///                                             dcrf::permissions<dcrf::is_authenticated>,
///                                             dcrf::method_of<"fetch", "GET">,
///                                             dcrf::method_of<"remove", "DELETE">>>("/ws/item/");
///
/// `Options` are `permissions` of the consumer, which are asked before the view's own, and the
/// actions with their methods; without any of these, `create` is PUT, `update` PATCH, `list` and
/// `retrieve` GET. Other actions are answered with 405.
template <class View, class... Options>
class view_as_consumer : public view_consumer {
  using options = detail::view_options<dcrf::actions<>, dcrf::permissions<>, Options...>;

public:
  using actions = typename detail::mapping_or_default<typename options::mapping>::type;
  using permissions = typename options::permissions;

  /// Whether permissions are declared, here or by the view itself.
  static constexpr bool says_whom_it_lets_in = [] {
    if constexpr (std::same_as<permissions, dcrf::permissions<>>
                  && requires { typename View::declared_class; }) {
      return detail::has_permissions<View>;
    } else {
      return true;
    }
  }();

  [[nodiscard]] static const consumer_descriptor& describe() {
    return detail::describe_consumer<view_as_consumer, dcrf::actions<>>();
  }
  [[nodiscard]] const consumer_descriptor& descriptor() const override { return describe(); }

private:
  [[nodiscard]] std::unique_ptr<view> make() const override {
    static_assert(std::derived_from<View, view>,
                  "dcrf: view_as_consumer<> calls a view: a class that derives from "
                  "dcrf::api_view<Self>, a view set, or dcrf::plain_view<&function>");
    if constexpr (std::derived_from<View, view>) {
      return std::make_unique<View>();
    } else {
      return nullptr;
    }
  }
};

} // namespace dcrf
