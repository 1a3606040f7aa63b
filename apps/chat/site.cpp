#include "chat/site.hpp"

#include "dcrf/actors/server.hpp"
#include "dcrf/protocol/errors.hpp"
#include "dcrf/routing/route_pattern.hpp"
#include "dcrf/view/static_files.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "chat/pages.hpp"

namespace chat {

namespace {

// Everything a page needs comes from its own server; nothing in it is inline.
constexpr std::string_view content_security_policy =
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

constexpr std::string_view not_found_page = "not-found.html";

dcrf::static_files embedded_files() {
  dcrf::static_files result{{{"Content-Security-Policy", std::string{content_security_policy}},
                             {"Referrer-Policy", "same-origin"},
                             {"X-Content-Type-Options", "nosniff"}}};
  for (const auto& x : pages()) {
    result.add(std::string{x.name}, x.media_type, std::string{x.body});
  }
  return result;
}

// A browser that goes to a page says that it takes HTML; a script asks for anything, or for JSON.
bool wants_page(const dcrf::http_request& request) {
  auto accepted = request.scope.header("accept").value_or("");
  return accepted.find("text/html") != std::string_view::npos;
}

// The page that was meant by a path with a slash too few or too many.
std::optional<std::string> page_meant_by(const std::string& path) {
  static const dcrf::route_pattern room{"/rooms/<int:pk>/"};
  if (room.match(path + "/")) {
    return path + "/";
  }
  return path == "/login/" || path == "/signup/" ? std::optional{path.substr(0, path.size() - 1)}
                                                 : std::nullopt;
}

dcrf::http_handler answer_unknown_paths(const dcrf::static_files& files) {
  return [files](dcrf::http_request& request,
                 const dcrf::runtime&) -> dcrf::task<dcrf::http_response> {
    if (!wants_page(request)) {
      throw dcrf::not_found();
    }
    if (auto meant = page_meant_by(request.scope.path)) {
      dcrf::http_response moved{.status = 301};
      moved.headers.emplace_back("Location", *meant);
      co_return moved;
    }
    // Without what the client says of a copy that it may have: that is of another path.
    auto response = files.answer({}, not_found_page);
    response.status = 404;
    co_return response;
  };
}

} // namespace

void add_site(dcrf::server& server) {
  auto files = embedded_files();
  auto add_page = [&](std::string_view pattern, std::string_view name) {
    server.http("GET", pattern, files.handler(name), dcrf::without_user);
  };
  add_page("/", "rooms.html");
  add_page("/login", "login.html");
  add_page("/signup", "signup.html");
  add_page("/rooms/<int:pk>/", "room.html");
  server.static_files("/static/", files);
  server.not_found(answer_unknown_paths(files));
  server.http(
      "GET", "/api/node",
      [&server](dcrf::http_request&, const dcrf::runtime&) -> dcrf::task<dcrf::http_response> {
        auto body = dcrf::json{{"node", server.node_name()}}.dump();
        co_return dcrf::http_response::with(200, "application/json", std::move(body));
      },
      dcrf::without_user);
}

} // namespace chat
