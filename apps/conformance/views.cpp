#include "conformance/views.hpp"

#include "dcrf/view/api_view.hpp"
#include "dcrf/view/plain_view.hpp"
#include "dcrf/view/serialized_rows.hpp"
#include "dcrf/view/view_as_consumer.hpp"
#include "dcrf/view/view_permission.hpp"

#include <nlohmann/json.hpp>

#include <string>

#include "conformance/pages.hpp"

namespace conformance {

namespace {

using dcrf::task;
using dcrf::view_request;
using dcrf::view_response;

// -- items ----------------------------------------------------------------------------------------

using item_rows = dcrf::serialized_rows<item_serializer>;

// All items, or those that the query asks for.
class item_list_view : public dcrf::api_view<item_list_view> {
public:
  task<view_response> get(view_request& req) {
    rank_arguments wanted{.min_rank = req.query<double>("min_rank")};
    auto rows = items_of_rank(wanted);
    if (auto names = req.query_list("name"); !names.empty()) {
      rows = std::move(rows).filter(dcrf::column<&item::name>.in(names));
    }
    return item_rows{req, rows}.list();
  }

  task<view_response> put(view_request& req) { return item_rows{req}.create(); }
};

// The item that the parameter `pk` names.
class item_view : public dcrf::api_view<item_view> {
public:
  task<view_response> get(view_request& req) { return item_rows{req}.retrieve(); }
  task<view_response> patch(view_request& req) { return item_rows{req}.partial_update(); }
};

// -- mirrors --------------------------------------------------------------------------------------

dcrf::json query_of(const view_request& req) {
  auto result = dcrf::json::object();
  for (const auto& [name, values] : req.query()) {
    auto& shown = result[name] = dcrf::json::array();
    for (const auto& x : values) {
      shown.push_back(x.to_json());
    }
  }
  return result;
}

view_response mirrored(const view_request& req) {
  const auto& who = req.user();
  auto name = who.is_authenticated() ? dcrf::json(who.username) : dcrf::json{};
  return view_response::ok(dcrf::json{{"method", req.method()},
                                      {"query", query_of(req)},
                                      {"parameters", req.parameters().to_json()},
                                      {"user", name}});
}

// Answers with what it was asked.
class mirror_view : public dcrf::api_view<mirror_view> {
public:
  view_response get(view_request& req) { return mirrored(req); }
  view_response put(view_request& req) { return mirrored(req); }
  view_response patch(view_request& req) { return mirrored(req); }
  view_response post(view_request& req) { return mirrored(req); }
  view_response delete_(view_request&) { return view_response::no_content(); }
};

// Answers with the body that it was given.
class body_view : public dcrf::api_view<body_view> {
public:
  view_response put(view_request& req) {
    return view_response::created(dcrf::json{{"body", req.data().to_json()}});
  }
};

// -- others ---------------------------------------------------------------------------------------

// Greets users who are logged in.
class private_view : public dcrf::api_view<private_view> {
public:
  using permissions = dcrf::permissions<dcrf::drf::is_authenticated>;

  view_response get(view_request& req) {
    return view_response::ok(dcrf::json{{"hello", req.user().username}});
  }
};

// A view that is a mere function: answers with a text, or with bytes.
view_response plain(view_request& req) {
  using namespace std::string_literals;
  const auto* given = req.find_parameter("kind");
  auto kind = given == nullptr ? dcrf::json("text") : given->to_json();
  if (kind == "text") {
    return view_response::text("plain text, ünïcode", 203);
  }
  if (kind == "json") {
    return view_response::text(R"({"method": "GET"})");
  }
  if (kind == "bytes") {
    return view_response::bytes("\xFF\xFE\x00\x01"s);
  }
  throw dcrf::object_not_found();
}

} // namespace

void add_views(dcrf::server& server) {
  using dcrf::method_of;
  using dcrf::view_as_consumer;
  server.websocket<view_as_consumer<item_list_view>>("/ws/view/items/");
  server.websocket<view_as_consumer<item_view>>("/ws/view/item/");
  server.websocket<view_as_consumer<mirror_view>>("/ws/view/mirror/");
  server.websocket<view_as_consumer<body_view>>("/ws/view/body/");
  server.websocket<view_as_consumer<mirror_view, method_of<"fetch", "GET">,
                                    method_of<"store", "POST">, method_of<"remove", "DELETE">>>(
      "/ws/view/mapped/");
  server.websocket<view_as_consumer<mirror_view, method_of<"trace", "TRACE">>>(
      "/ws/view/wrong-method/");
  server.websocket<view_as_consumer<private_view>>("/ws/view/private/");
  server.websocket<view_as_consumer<mirror_view, dcrf::permissions<dcrf::is_authenticated>>>(
      "/ws/view/guarded/");
  server.websocket<view_as_consumer<dcrf::plain_view<&plain>>>("/ws/view/plain/");
}

} // namespace conformance
