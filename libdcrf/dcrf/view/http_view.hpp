#pragma once

#include "dcrf/model/declared.hpp"
#include "dcrf/view/http_handler.hpp"
#include "dcrf/view/view.hpp"

#include <concepts>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace dcrf {

/// The handler that has a view answer HTTP requests of every method.
http_handler http_view(make_view make);

template <class View>
http_handler http_view() {
  [[maybe_unused]] constexpr bool is_right = detail::is_declared_itself<View>();
  if constexpr (std::derived_from<View, view>) {
    return http_view([] { return std::make_unique<View>(); });
  } else {
    static_assert(std::derived_from<View, view>,
                  "dcrf: a view is a class that derives from dcrf::api_view<Self>, or "
                  "dcrf::plain_view<&function>");
    return {};
  }
}

/// Serves the routes of a view set: calls `add(std::string pattern, http_handler)` for each.
/// @param path of the view set
/// @throws std::invalid_argument if the path does not end with `/`
template <class ViewSet, class Add>
void add_view_set(std::string_view path, Add add) {
  [[maybe_unused]] constexpr bool is_right = detail::is_declared_itself<ViewSet>();
  constexpr bool is_view_set = requires { ViewSet::described_routes().routes; };
  static_assert(is_view_set,
                "dcrf: a view set is a class that derives from dcrf::model_view_set<Self, ...>");
  if constexpr (is_view_set) {
    if (!path.ends_with('/')) {
      throw std::invalid_argument("the path of a view set ends with '/': " + std::string{path});
    }
    for (const auto& route : ViewSet::described_routes().routes) {
      add(std::string{path} + route.path, http_view([&route] {
            auto result = std::make_unique<ViewSet>();
            result->serve(route);
            return result;
          }));
    }
  }
}

/// The answer of a view as HTTP sends it.
http_response to_http(view_response x);

} // namespace dcrf
