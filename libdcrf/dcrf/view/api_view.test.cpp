#include "dcrf/view/api_view.hpp"

#include "dcrf/view/http_view.hpp"
#include "dcrf/view/internal/test_items.hpp"
#include "dcrf/view/plain_view.hpp"
#include "dcrf/view/view_permission.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <stdexcept>

using dcrf::json;
using dcrf::task;
using dcrf::view_request;
using dcrf::view_response;

namespace view_test::api {

class echo_view : public dcrf::api_view<echo_view> {
public:
  view_response get(view_request& req) {
    return view_response::ok(json{{"method", req.method()}, {"user", req.user().username}});
  }
  task<view_response> post(view_request& req) {
    co_await req.runtime().sleep(std::chrono::hours{1});
    co_return view_response::created(req.data());
  }
  task<view_response> delete_(view_request&) { co_return view_response::no_content(); }
};

class every_method_view : public dcrf::api_view<every_method_view> {
public:
  view_response get(view_request& req) { return said(req, "get"); }
  view_response post(view_request& req) { return said(req, "post"); }
  view_response put(view_request& req) { return said(req, "put"); }
  view_response patch(view_request& req) { return said(req, "patch"); }
  view_response delete_(view_request& req) { return said(req, "delete"); }
  view_response head(view_request& req) { return said(req, "head"); }
  view_response options(view_request& req) { return said(req, "options"); }

private:
  static view_response said(const view_request& req, const std::string& by) {
    auto result = view_response::text(req.method());
    result.header("X-By", by);
    return result;
  }
};

class failing_view : public dcrf::api_view<failing_view> {
public:
  // What `kind` says, before or after something was awaited.
  task<view_response> get(view_request& req) {
    co_await req.runtime().sleep(std::chrono::hours{1});
    co_return fail(req);
  }
  view_response post(view_request& req) { return fail(req); }

private:
  static view_response fail(const view_request& req) {
    auto kind = req.query("kind").value_or("");
    if (kind == "not_found") {
      throw dcrf::object_not_found();
    }
    if (kind == "invalid") {
      throw dcrf::validation_error("name", "Too odd.");
    }
    if (kind == "credentials") {
      throw dcrf::authentication_failed();
    }
    throw std::runtime_error("secret");
  }

  std::string authenticate_header(const view_request&) const override { return "Token"; }
};

class members_view : public dcrf::api_view<members_view> {
public:
  using permissions =
      dcrf::permissions<dcrf::drf::is_authenticated_or_read_only && !dcrf::drf::is_admin_user>;

  view_response get(view_request&) { return view_response::ok(json("read")); }
  view_response put(view_request&) { return view_response::ok(json("written")); }
};

// An ordinary permission works for a view, too.
class staff_view : public dcrf::api_view<staff_view> {
public:
  using permissions = dcrf::permissions<dcrf::is_staff>;

  view_response get(view_request&) { return view_response::ok(json("staff")); }
};

class atomic_view : public dcrf::api_view<atomic_view> {
public:
  task<view_response> post(view_request& req) {
    auto work = [&req]() -> task<> {
      item draft;
      draft.name = "x";
      co_await req.repository<item>().create(draft);
      if (req.query("fail")) {
        throw dcrf::validation_error("No.");
      }
    };
    co_await req.runtime().atomic(work);
    co_return view_response::created();
  }
};

view_response plain(view_request& req) {
  if (req.query("missing")) {
    throw dcrf::object_not_found();
  }
  return view_response::text(req.method(), 203);
}

task<view_response> plain_task(view_request& req) {
  auto count = co_await req.repository<item>().count({});
  co_return view_response::ok(json(count));
}

struct served : bench {
  served() {
    server.view<echo_view>("/echo/");
    server.view<every_method_view>("/every/");
    server.view<failing_view>("/failing/");
    server.view<members_view>("/members/");
    server.view<staff_view>("/staff/");
    server.view<atomic_view>("/atomic/");
    server.view<dcrf::plain_view<&plain>>("/plain/");
    server.view<dcrf::plain_view<&plain_task>>("/plain-task/");
  }

  std::string said(std::string_view method, std::string_view target,
                   const dcrf::user_info& as = {}) {
    return view_test::said(server.fetch(method, target, as));
  }
};

const auto ann = user(1, "ann");
const auto boss = user(2, "boss", true);

TEST_CASE_METHOD(served, "a view answers the methods that it has handlers for", "[api_view]") {
  CHECK(said("GET", "/echo/", ann) == R"(200 {"method":"GET","user":"ann"})");
  CHECK(said("DELETE", "/echo/") == "204 ");
  auto created = server.fetch("POST", "/echo/", json{{"a", 1}});
  CHECK(view_test::said(created) == R"(201 {"a":1})");
  CHECK(view_test::header(created, "Content-Type") == "application/json");
  CHECK(view_test::header(created, "Allow") == "GET, POST, DELETE, HEAD, OPTIONS");
  CHECK(view_test::header(server.fetch("DELETE", "/echo/"), "Content-Type") == "none");
}

TEST_CASE_METHOD(served, "each handler is for the method of its name", "[api_view]") {
  for (const auto* method : {"get", "post", "put", "patch", "delete", "options", "head"}) {
    std::string name{method};
    std::ranges::transform(name, name.begin(), [](char c) { return std::toupper(c); });
    auto answer = server.fetch(name, "/every/");
    CHECK(answer.body == (name == "HEAD" ? "" : name));
    CHECK(view_test::header(answer, "X-By") == method);
    CHECK(view_test::header(answer, "Allow") == "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS");
  }
}

TEST_CASE_METHOD(served, "a method without handler is 405", "[api_view]") {
  auto answer = server.fetch("PATCH", "/echo/");
  CHECK(view_test::said(answer) == R"(405 {"detail":"Method \"PATCH\" not allowed."})");
  CHECK(view_test::header(answer, "Allow") == "GET, POST, DELETE, HEAD, OPTIONS");
  CHECK(said("TRACE", "/echo/").starts_with("405 "));
  CHECK(said("get", "/echo/").starts_with("405 "));
  CHECK(said("HEAD", "/atomic/") == "405 ");
}

TEST_CASE_METHOD(served, "HEAD is answered by GET, and OPTIONS by what the view is", "[api_view]") {
  auto head = server.fetch("HEAD", "/echo/");
  CHECK(view_test::said(head) == "200 ");
  CHECK(view_test::header(head, "Content-Type") == "application/json");
  CHECK(said("OPTIONS", "/echo/")
        == R"(200 {"name":"Echo","description":"","renders":["application/json"],)"
           R"("parses":["application/json"]})");
  CHECK(dcrf::detail::view_name("item_list_view") == "Item List");
  CHECK(dcrf::detail::view_name("user_view_set") == "User");
  CHECK(dcrf::detail::view_name("view") == "View");
}

TEST_CASE_METHOD(served, "what a handler throws is answered as in DRF", "[api_view]") {
  for (const auto* method : {"GET", "POST"}) {
    CAPTURE(method);
    CHECK(said(method, "/failing/?kind=not_found") == R"(404 {"detail":"Not found."})");
    CHECK(said(method, "/failing/?kind=invalid") == R"(400 {"name":["Too odd."]})");
    auto refused = server.fetch(method, "/failing/?kind=credentials");
    CHECK(refused.status == 401);
    CHECK(view_test::header(refused, "WWW-Authenticate") == "Token");
    CHECK(said(method, "/failing/?kind=unexpected")
          == R"(500 {"detail":"A server error occurred."})");
  }
  auto other = server.fetch("GET", "/failing/?kind=invalid");
  CHECK(view_test::header(other, "WWW-Authenticate") == "none");
}

TEST_CASE_METHOD(served, "a body that is no JSON is refused when it is read", "[api_view]") {
  dcrf::http_request request;
  request.method = "POST";
  request.body = "{";
  request.scope.headers = {{"content-type", "application/json"}};
  CHECK(view_test::said(server.fetch("/echo/", request))
            .starts_with(R"(400 {"detail":"JSON parse error - )"));
  request.body = "\xff\xfe";
  CHECK(server.fetch("/echo/", request).status == 400);
  request.body = std::string(100'000, '[');
  CHECK(server.fetch("/echo/", request).status == 400);
  request.scope.headers = {{"content-type", "text/plain"}};
  CHECK(view_test::said(server.fetch("/echo/", request))
        == R"(415 {"detail":"Unsupported media type \"text/plain\" in request."})");
  request.method = "GET";
  CHECK(server.fetch("/echo/", request).status == 200);
}

TEST_CASE_METHOD(served, "permissions of a view are 401 for nobody and 403 for others",
                 "[api_view]") {
  CHECK(said("GET", "/members/") == R"(200 "read")");
  CHECK(said("PUT", "/members/")
        == R"(401 {"detail":"Authentication credentials were not provided."})");
  CHECK(said("PUT", "/members/", ann) == R"(200 "written")");
  CHECK(said("PUT", "/members/", boss)
        == R"(403 {"detail":"You do not have permission to perform this action."})");
  // Permissions come before the method.
  CHECK(said("TRACE", "/members/").starts_with("401 "));
  CHECK(said("TRACE", "/members/", ann).starts_with("405 "));
  CHECK(said("GET", "/staff/", ann).starts_with("403 "));
  CHECK(said("GET", "/staff/", boss) == R"(200 "staff")");
}

TEST_CASE_METHOD(served, "a view may write in one transaction", "[api_view]") {
  CHECK(said("POST", "/atomic/?fail=1") == R"(400 ["No."])");
  CHECK(consumer_test::count_of<view_test::item>(server) == 0);
  CHECK(said("POST", "/atomic/").starts_with("201 "));
  CHECK(consumer_test::count_of<view_test::item>(server) == 1);
}

TEST_CASE_METHOD(served, "a plain function is a view of all methods", "[plain_view]") {
  CHECK(said("GET", "/plain/") == "203 GET");
  CHECK(said("TRACE", "/plain/") == "203 TRACE");
  CHECK(view_test::header(server.fetch("GET", "/plain/"), "Allow") == "none");
  CHECK(said("GET", "/plain/?missing=1").starts_with("404 "));
  CHECK(said("GET", "/plain-task/") == "200 0");
}

TEST_CASE_METHOD(served, "an authenticator says who asks a view", "[api_view]") {
  server.authenticate(
      [](const dcrf::scope&, const dcrf::runtime&) -> task<dcrf::user_info> { co_return boss; });
  CHECK(said("GET", "/echo/", ann) == R"(200 {"method":"GET","user":"boss"})");
}

} // namespace view_test::api
