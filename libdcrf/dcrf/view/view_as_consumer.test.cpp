#include "dcrf/view/view_as_consumer.hpp"

#include "dcrf/view/api_view.hpp"
#include "dcrf/view/internal/test_items.hpp"
#include "dcrf/view/model_view_set.hpp"
#include "dcrf/view/plain_view.hpp"
#include "dcrf/view/view_permission.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <stdexcept>

using dcrf::json;
using dcrf::task;
using dcrf::view_request;
using dcrf::view_response;

namespace view_test::consumers {

class mirror_view : public dcrf::api_view<mirror_view> {
public:
  view_response get(view_request& req) { return mirrored(req); }
  view_response put(view_request& req) { return mirrored(req); }
  task<view_response> patch(view_request& req) {
    co_await req.runtime().sleep(std::chrono::hours{1});
    co_return mirrored(req);
  }
  view_response post(view_request& req) { return mirrored(req); }
  view_response delete_(view_request&) { return view_response::no_content(); }

private:
  static view_response mirrored(view_request& req) {
    if (req.query("crash")) {
      throw std::runtime_error("secret");
    }
    auto query = json::object();
    for (const auto& [name, values] : req.query()) {
      for (const auto& x : values) {
        query[name].push_back(x.to_json());
      }
    }
    return view_response::ok(json{{"method", req.method()},
                                  {"query", query},
                                  {"parameters", req.parameters().to_json()},
                                  {"data", req.data().to_json()},
                                  {"user", req.user().username}});
  }
};

class private_view : public dcrf::api_view<private_view> {
public:
  using permissions = dcrf::permissions<dcrf::drf::is_authenticated>;

  view_response get(view_request& req) {
    return view_response::ok(json{{"hello", req.user().username}});
  }
};

view_response answer_kind(view_request& req) {
  auto found = req.find_parameter("kind");
  auto kind = found == nullptr ? "text" : found->to_json().get<std::string>();
  if (kind == "text") {
    return view_response::text("plain text, \xc3\xbc", 203);
  }
  if (kind == "json") {
    return view_response::text(R"({"method": "GET"})", 200, "application/json");
  }
  if (kind == "bytes") {
    return view_response::bytes({"\xff\xfe\x00\x01", 4});
  }
  throw dcrf::object_not_found();
}

class items_view_set : public dcrf::model_view_set<items_view_set, item, item_serializer> {};

using mirror = dcrf::view_as_consumer<mirror_view>;
using mapped =
    dcrf::view_as_consumer<mirror_view, dcrf::method_of<"fetch", "GET">,
                           dcrf::method_of<"remove", "DELETE">, dcrf::method_of<"trace", "TRACE">>;
using guarded = dcrf::view_as_consumer<mirror_view, dcrf::permissions<dcrf::is_authenticated>>;
using guarded_mapped = dcrf::view_as_consumer<mirror_view, dcrf::method_of<"fetch", "GET">,
                                              dcrf::permissions<dcrf::drf::is_authenticated>>;

struct served : bench {
  served() : bench(2) {
    server.websocket<mirror>("/mirror/");
    server.websocket<mapped>("/mapped/");
    server.websocket<guarded>("/guarded/");
    server.websocket<guarded_mapped>("/guarded-mapped/");
    server.websocket<dcrf::view_as_consumer<private_view>>("/private/");
    server.websocket<dcrf::view_as_consumer<dcrf::plain_view<&answer_kind>>>("/plain/");
    server.websocket<dcrf::view_as_consumer<items_view_set>>("/items/");
  }

  // The whole reply but for what it echoes.
  json asked(std::string_view path, json frame, const dcrf::user_info& as = {}) {
    frame["request_id"] = 7;
    auto session = server.connect(path, as);
    session.send(frame);
    auto reply = session.receive();
    CHECK(reply["request_id"] == 7);
    CHECK(reply["action"] == frame["action"]);
    CHECK(reply["data"].is_null() + reply["errors"].empty() >= 1);
    return {reply["response_status"], reply["errors"].empty() ? reply["data"] : reply["errors"]};
  }
};

json mirrored(const json& method, const json& query = json::object(),
              const json& parameters = json::object(), const json& data = json::object(),
              const json& as = "") {
  return {200,
          {{"method", method},
           {"query", query},
           {"parameters", parameters},
           {"data", data},
           {"user", as}}};
}

const auto ann = user(1, "ann");

TEST_CASE_METHOD(served, "actions become methods", "[view_as_consumer]") {
  for (const auto& [action, method] :
       {std::pair{"create", "PUT"}, {"update", "PATCH"}, {"list", "GET"}, {"retrieve", "GET"}}) {
    CHECK(asked("/mirror/", {{"action", action}}) == mirrored(method));
  }
  CHECK(asked("/mirror/", {{"action", "delete"}})
        == json{405, {R"(Method "delete" not allowed.)"}});
}

TEST_CASE_METHOD(served, "a view gets query, parameters, data and user", "[view_as_consumer]") {
  json query{{"n", 1}, {"l", {1, "2"}}, {"z", nullptr}, {"o", {{"k", {1}}}}};
  json shown{{"n", {1}}, {"l", {1, "2"}}, {"z", {nullptr}}, {"o", json::array({{{"k", {1}}}})}};
  json parameters{{"pk", 1}};
  json data{{"a", {1, nullptr}}};
  CHECK(asked("/mirror/",
              {{"action", "list"}, {"query", query}, {"parameters", parameters}, {"data", data}},
              ann)
        == mirrored("GET", shown, parameters, data, "ann"));
}

TEST_CASE_METHOD(served, "nothing of one request stays for the next", "[view_as_consumer]") {
  auto session = server.connect("/mirror/");
  session.send({{"action", "list"}, {"query", {{"a", 1}}}, {"data", {{"b", 2}}}});
  session.send({{"action", "update"}});
  CHECK(session.receive()["data"]["query"] == json{{"a", {1}}});
  CHECK(session.receive()["data"] == mirrored("PATCH")[1]);
}

TEST_CASE_METHOD(served, "a query or parameters that are no objects are answered with 400",
                 "[view_as_consumer]") {
  for (const auto& wrong : {json::array({1}), json("x"), json(1), json(nullptr)}) {
    CHECK(asked("/mirror/", {{"action", "list"}, {"query", wrong}})[0] == 400);
    CHECK(asked("/mirror/", {{"action", "list"}, {"parameters", wrong}})[0] == 400);
  }
}

TEST_CASE_METHOD(served, "actions may be mapped otherwise", "[view_as_consumer]") {
  CHECK(asked("/mapped/", {{"action", "fetch"}}) == mirrored("GET"));
  CHECK(asked("/mapped/", {{"action", "remove"}}) == json{204, nullptr});
  CHECK(asked("/mapped/", {{"action", "list"}}) == json{405, {R"(Method "list" not allowed.)"}});
}

TEST_CASE_METHOD(served, "an error of the view is data", "[view_as_consumer]") {
  auto session = server.connect("/mapped/");
  session.send({{"action", "trace"}, {"request_id", 1}});
  CHECK(session.receive()
        == json{{"errors", json::array()},
                {"data", {{"detail", R"(Method "TRACE" not allowed.)"}}},
                {"action", "trace"},
                {"response_status", 405},
                {"request_id", 1}});
  CHECK(asked("/private/", {{"action", "retrieve"}})
        == json{401, {{"detail", "Authentication credentials were not provided."}}});
  CHECK(asked("/private/", {{"action", "retrieve"}}, ann) == json{200, {{"hello", "ann"}}});
}

TEST_CASE_METHOD(served, "an unexpected failure of a view is an error of the reply",
                 "[view_as_consumer]") {
  auto session = server.connect("/mirror/");
  session.send({{"action", "list"}, {"query", {{"crash", "x"}}}});
  auto reply = session.receive();
  CHECK(reply["response_status"] == 500);
  CHECK(reply["errors"] == json{"A server error occurred."});
  CHECK(reply["data"].is_null());
}

TEST_CASE_METHOD(served, "permissions of the consumer come before the view", "[view_as_consumer]") {
  auto denied = json{403, {"You do not have permission to perform this action."}};
  CHECK(asked("/guarded/", {{"action", "list"}}) == denied);
  CHECK(asked("/guarded/", {{"action", "unknown"}}) == denied);
  CHECK(asked("/guarded/", {{"action", "list"}}, ann)[0] == 200);
  CHECK_FALSE(server.connect("/guarded-mapped/").is_accepted());
  CHECK(asked("/guarded-mapped/", {{"action", "fetch"}}, ann)[0] == 200);
}

TEST_CASE_METHOD(served, "a plain view answers text and bytes, and fails in errors",
                 "[view_as_consumer]") {
  auto kind = [](const char* x) { return json{{"action", "list"}, {"parameters", {{"kind", x}}}}; };
  CHECK(asked("/plain/", {{"action", "list"}}) == json{203, "plain text, \xc3\xbc"});
  CHECK(asked("/plain/", kind("json")) == json{200, R"({"method": "GET"})"});
  CHECK(asked("/plain/", kind("bytes")) == json{200, "fffe0001"});
  CHECK(asked("/plain/", kind("other")) == json{404, {"Not found"}});
}

TEST_CASE_METHOD(served, "a view set behind a consumer has its actions", "[view_as_consumer]") {
  CHECK(asked("/items/", {{"action", "list"}})[1].size() == 2);
  CHECK(asked("/items/", {{"action", "create"}, {"data", {{"name", "new"}}}})
        == json{201, {{"id", 3}, {"name", "new"}, {"rank", 1}}});
  json pk{{"pk", 2}};
  CHECK(asked("/items/", {{"action", "retrieve"}, {"parameters", pk}})
        == json{200, {{"id", 2}, {"name", "item 2"}, {"rank", 2}}});
  CHECK(asked("/items/", {{"action", "update"}, {"parameters", pk}, {"data", {{"rank", 9}}}})
        == json{200, {{"id", 2}, {"name", "item 2"}, {"rank", 9}}});
  CHECK(asked("/items/", {{"action", "retrieve"}, {"parameters", {{"pk", 9}}}})
        == json{404, {{"detail", "Not found."}}});
  CHECK(asked("/items/", {{"action", "update"}}) // names no row
        == json{405, {{"detail", R"(Method "PATCH" not allowed.)"}}});
}

} // namespace view_test::consumers
