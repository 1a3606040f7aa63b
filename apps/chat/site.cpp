#include "chat/site.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "chat/pages.hpp"

namespace chat {

namespace {

// Everything a page needs comes from its own server; nothing in it is inline.
constexpr std::string_view content_security_policy =
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

dcrf::http_response respond_with(const asset& file) {
  auto result = dcrf::http_response::with(200, file.media_type, std::string{file.body});
  result.headers.emplace_back("Cache-Control", "no-cache");
  result.headers.emplace_back("Content-Security-Policy", content_security_policy);
  result.headers.emplace_back("Referrer-Policy", "same-origin");
  result.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return result;
}

const asset* find(std::string_view name) {
  auto found = std::ranges::find(pages(), name, &asset::name);
  return found == pages().end() ? nullptr : &*found;
}

// The handler of a page.
dcrf::http_handler page(std::string_view name) {
  return [file = find(name)](dcrf::http_request&,
                             const dcrf::runtime&) -> dcrf::task<dcrf::http_response> {
    co_return respond_with(*file);
  };
}

dcrf::task<dcrf::http_response> static_file(dcrf::http_request& request, const dcrf::runtime&) {
  const auto* file = find(request.scope.parameter("name"));
  if (file == nullptr) {
    throw dcrf::not_found();
  }
  co_return respond_with(*file);
}

} // namespace

void add_site(dcrf::server& server) {
  server.http("GET", "/", page("rooms.html"));
  server.http("GET", "/login", page("login.html"));
  server.http("GET", "/signup", page("signup.html"));
  server.http("GET", "/rooms/<int:pk>/", page("room.html"));
  server.http("GET", "/static/<str:name>", &static_file);
  server.http(
      "GET", "/api/node",
      [&server](dcrf::http_request&, const dcrf::runtime&) -> dcrf::task<dcrf::http_response> {
        auto body = dcrf::json{{"node", server.node_name()}}.dump();
        co_return dcrf::http_response::with(200, "application/json", std::move(body));
      });
}

} // namespace chat
