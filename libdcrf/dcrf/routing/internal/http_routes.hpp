#pragma once

#include "dcrf/routing/internal/router.hpp"
#include "dcrf/view/http_handler.hpp"

#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace dcrf {

/// The HTTP side of a server: which handler answers which method of which path.
class http_routes {
public:
  struct found {
    const http_handler* handler;
    scope::pairs parameters;
    /// Whether the handler wants to know who asks.
    bool needs_user;
  };

  /// @param method in upper case; GET answers HEAD too, where nothing else does
  /// @throws std::invalid_argument if the pattern is malformed, matches the paths of another one
  ///         with other names of parameters, or has a handler of the method already
  void add(std::string_view method, std::string_view pattern, http_handler handler);
  void add(std::string_view method, std::string_view pattern, http_handler handler, without_user_t);

  /// Has a handler answer all methods of a path that no other handler of it does: a view, which
  /// knows itself what it answers.
  /// @throws std::invalid_argument as above
  void add(std::string_view pattern, http_handler handler);

  /// Has a handler answer requests for paths that there are no others for.
  void add_not_found(http_handler handler);

  /// Whether a handler was added with this pattern.
  [[nodiscard]] bool has(std::string_view pattern) const { return by_pattern_.contains(pattern); }

  /// The handler of a request, or the answer where there is none: 404, 405 with `Allow`, or what
  /// OPTIONS gets.
  [[nodiscard]] std::variant<found, http_response> find(std::string_view method,
                                                        std::string_view path) const;

private:
  struct answerer {
    http_handler handler;
    bool needs_user = true;
  };
  using methods = std::map<std::string, answerer, std::less<>>;

  struct offer {
    methods by_method{};
    /// For all other methods; may be null.
    http_handler other{};
  };

  offer& at(std::string_view pattern);
  static std::string allowed(const methods& x);

  router<offer> routes_;
  std::map<std::string, offer*, std::less<>> by_pattern_;
  http_handler not_found_;
};

} // namespace dcrf
