#pragma once

#include "dcrf/view/http_handler.hpp"
#include "dcrf/view/view.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace dcrf {

/// The handler that has a view answer HTTP requests of every method.
http_handler http_view(make_view make);

template <class View>
http_handler http_view() {
  return http_view([] { return std::make_unique<View>(); });
}

/// Serves the routes of a view set: calls `add(std::string pattern, http_handler)` for each.
/// @param path of the view set, which ends with `/`
template <class ViewSet, class Add>
void add_view_set(std::string_view path, Add add) {
  for (const auto& route : ViewSet::described_routes().routes) {
    add(std::string{path} + route.path, http_view([&route] {
          auto result = std::make_unique<ViewSet>();
          result->serve(route);
          return result;
        }));
  }
}

/// The answer of a view as HTTP sends it.
http_response to_http(view_response x);

} // namespace dcrf
