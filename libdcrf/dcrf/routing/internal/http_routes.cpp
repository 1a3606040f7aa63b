#include "dcrf/routing/internal/http_routes.hpp"

#include "dcrf/protocol/errors.hpp"

#include <set>
#include <stdexcept>
#include <string>
#include <utility>

namespace dcrf {

namespace {

std::invalid_argument two_handlers(std::string_view method, std::string_view pattern) {
  return std::invalid_argument("two handlers of " + std::string{method} + ' '
                               + std::string{pattern});
}

} // namespace

http_routes::offer& http_routes::at(std::string_view pattern) {
  auto known = by_pattern_.find(pattern);
  if (known == by_pattern_.end()) {
    known = by_pattern_.emplace(pattern, &routes_.add(pattern, {})).first;
  }
  return *known->second;
}

void http_routes::add(std::string_view method, std::string_view pattern, http_handler handler) {
  if (!at(pattern).by_method.emplace(method, answerer{std::move(handler)}).second) {
    throw two_handlers(method, pattern);
  }
}

void http_routes::add(std::string_view method, std::string_view pattern, http_handler handler,
                      without_user_t) {
  if (!at(pattern).by_method.emplace(method, answerer{std::move(handler), false}).second) {
    throw two_handlers(method, pattern);
  }
}

void http_routes::add_not_found(http_handler handler) { not_found_ = std::move(handler); }

void http_routes::add(std::string_view pattern, http_handler handler) {
  auto& other = at(pattern).other;
  if (other) {
    throw std::invalid_argument("two routes of one path: " + std::string{pattern});
  }
  other = std::move(handler);
}

std::variant<http_routes::found, http_response> http_routes::find(std::string_view method,
                                                                  std::string_view path) const {
  auto route = routes_.find(path);
  if (!route && not_found_) {
    return found{&not_found_, {}, false};
  }
  if (!route) {
    return http_response::detail(404, not_found{}.what());
  }
  const auto& [offered, other] = *route->endpoint;
  auto handler = offered.find(method);
  if (handler == offered.end() && method == "HEAD") {
    handler = offered.find("GET");
  }
  if (handler != offered.end()) {
    const auto& [answer, needs_user] = handler->second;
    return found{&answer, std::move(route->parameters), needs_user};
  }
  if (other) {
    return found{&other, std::move(route->parameters), true};
  }
  auto refused = method == "OPTIONS"
                     ? http_response{}
                     : http_response::detail(405, method_not_allowed(method).what());
  refused.headers.emplace_back("Allow", allowed(offered));
  return refused;
}

std::string http_routes::allowed(const methods& x) {
  std::set<std::string_view> names{"OPTIONS"};
  for (const auto& [method, handler] : x) {
    names.insert(method);
    if (method == "GET") {
      names.insert("HEAD");
    }
  }
  std::string result;
  for (auto name : names) {
    result += result.empty() ? "" : ", ";
    result += name;
  }
  return result;
}

} // namespace dcrf
