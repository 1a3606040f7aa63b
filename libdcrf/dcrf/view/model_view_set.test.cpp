#include "dcrf/view/model_view_set.hpp"

#include "dcrf/view/internal/test_items.hpp"
#include "dcrf/view/view_permission.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::column;
using dcrf::json;
using dcrf::task;
using dcrf::view_request;
using dcrf::view_response;

namespace view_test::sets {

class item_view_set : public dcrf::model_view_set<item_view_set, item, item_serializer> {
public:
  task<view_response> best(view_request& req) {
    co_return co_await dcrf::serialized_rows<item_serializer>{
        req, dcrf::query<item>{}.filter(column<&item::rank> >= 3)}
        .list();
  }
  task<view_response> double_rank(view_request& req) {
    auto found = co_await get_object(req);
    found.rank *= 2;
    co_await req.repository<item>().update(found);
    co_return view_response::ok(dcrf::to_json<item_serializer>(found));
  }
  view_response shown_rank(view_request& req) {
    return view_response::text("rank of " + req.parameter("pk") + ", " + std::string{req.action()});
  }
  view_response clear(view_request&) { return view_response::accepted(); }

  using actions =
      dcrf::view_actions<dcrf::list_action<"best", &item_view_set::best>,
                         dcrf::list_action<"clear", &item_view_set::clear, "POST", "PUT">,
                         dcrf::detail_action<"rank", &item_view_set::shown_rank>,
                         dcrf::detail_action<"rank", &item_view_set::double_rank, "POST">>;
};

// Of rank 2 and more, highest first; by name.
class careful_view_set
    : public dcrf::model_view_set<careful_view_set, item, item_serializer, dcrf::crud> {
public:
  using permissions = dcrf::permissions<dcrf::drf::is_authenticated_or_read_only>;
  using lookup = dcrf::lookup_field<&item::name, "title">;

protected:
  dcrf::query<item> queryset(const view_request&) const override {
    return dcrf::query<item>{}.filter(column<&item::rank> >= 2).order_by_descending<&item::rank>();
  }

  const dcrf::serializer_descriptor& serializer(const view_request& req) const override;

  task<> perform_create(dcrf::validated<item>& data, view_request& req) override {
    data.set<&item::name>(data.get<&item::name>() + '/' + req.user().username);
    return {};
  }
  task<> perform_update(dcrf::validated<item>& data, view_request& req) override {
    if (data.has<&item::rank>() && data.get<&item::rank>() > 5 * data.instance().value().rank) {
      throw dcrf::validation_error("rank", "Not by " + req.user().username + '.');
    }
    return {};
  }
  task<> perform_destroy(const dcrf::instance& row, view_request& req) override {
    if (!req.user().is_staff && row.as<item>().rank > 0) {
      throw dcrf::permission_denied();
    }
    return {};
  }
};

struct name_serializer : dcrf::model_serializer<item> {
  using fields = dcrf::shown<dcrf::field<&item::name>>;
};

const dcrf::serializer_descriptor& careful_view_set::serializer(const view_request& req) const {
  return req.action() == "list" ? dcrf::serializer_of<name_serializer>()
                                : model_view_set::serializer(req);
}

class reading_view_set
    : public dcrf::model_view_set<reading_view_set, item, item_serializer, dcrf::read_only_model> {
};

class adding_view_set : public dcrf::model_view_set<adding_view_set, item, item_serializer,
                                                    dcrf::create_model, dcrf::patch_model> {};

struct is_low_permission : dcrf::permission {
  bool has_object_permission(const dcrf::request& req, const dcrf::instance& row) const {
    return req.action() == "GET" || row.as<item>().rank < 2;
  }
};
inline constexpr is_low_permission is_low{};

// What is of rank 2 and more may only be read.
class low_view_set : public dcrf::model_view_set<low_view_set, item, item_serializer> {
public:
  using permissions = dcrf::permissions<is_low>;

  task<view_response> show_name(view_request& req) {
    auto found = co_await get_object(req);
    co_return view_response::text(found.name);
  }

  using actions =
      dcrf::view_actions<dcrf::detail_action<"name", &low_view_set::show_name, "GET", "POST">>;
};

// Two rows a page, as its query says.
class paged_view_set
    : public dcrf::model_view_set<paged_view_set, item, item_serializer, dcrf::list_model> {
public:
  using pagination = dcrf::limit_offset_pagination<dcrf::default_limit<2>>;
  using filterset_fields =
      dcrf::filterset_fields<dcrf::filter_by<&item::rank, "gte", "in">, dcrf::filter_by<&item::id>>;
  using search_fields = dcrf::search_fields<&item::name>;
  using ordering_fields = dcrf::ordering_fields<&item::rank>;
};

class numbered_view_set
    : public dcrf::model_view_set<numbered_view_set, item, item_serializer, dcrf::list_model> {
public:
  using pagination = dcrf::page_number_pagination<dcrf::page_size<2>>;
};

class pointed_view_set
    : public dcrf::model_view_set<pointed_view_set, item, item_serializer, dcrf::list_model> {
public:
  using pagination =
      dcrf::cursor_pagination<dcrf::ordered_by_descending<&item::rank>, dcrf::page_size<2>>;
};

struct served : bench {
  served() : bench(3) {
    server.view_set<paged_view_set>("/paged/");
    server.view_set<numbered_view_set>("/numbered/");
    server.view_set<pointed_view_set>("/pointed/");
    server.view_set<item_view_set>("/api/items/");
    server.view_set<careful_view_set>("/careful/");
    server.view_set<reading_view_set>("/reading/");
    server.view_set<adding_view_set>("/adding/");
    server.view_set<low_view_set>("/low/");
  }

  // The page at a path or a link: its rows by number, and what leads on.
  struct shown_page {
    json ids = json::array();
    json next;
    json previous;
    json count;
  };
  shown_page page_at(std::string target) {
    constexpr std::string_view host = "http://localhost";
    target.erase(0, target.starts_with(host) ? host.size() : 0);
    auto answer = server.fetch("GET", target);
    CHECK(answer.status == 200);
    auto body = json::parse(answer.body);
    shown_page result;
    for (const auto& row : body["results"]) {
      result.ids.push_back(row["id"]);
    }
    result.next = body["next"];
    result.previous = body["previous"];
    result.count = body.value("count", json{});
    return result;
  }

  std::string said(std::string_view method, std::string_view target) {
    return view_test::said(server.fetch(method, target));
  }
  std::string said(std::string_view method, std::string_view target, const json& body,
                   const dcrf::user_info& as = {}) {
    return view_test::said(server.fetch(method, target, body, as));
  }
};

const auto ann = user(1, "ann");
const auto boss = user(2, "boss", true);
const std::string gone = R"(404 {"detail":"Not found."})";

TEST_CASE_METHOD(served, "a view set has all actions on rows", "[model_view_set]") {
  CHECK(said("GET", "/api/items/").starts_with(R"(200 [{"id":1,"name":"item 1","rank":1},)"));
  CHECK(said("POST", "/api/items/", {{"name", "new"}, {"rank", 4}})
        == R"(201 {"id":4,"name":"new","rank":4})");
  CHECK(said("GET", "/api/items/4/") == R"(200 {"id":4,"name":"new","rank":4})");
  CHECK(said("PUT", "/api/items/4/", {{"name", "newer"}})
        == R"(200 {"id":4,"name":"newer","rank":4})");
  CHECK(said("PATCH", "/api/items/4/", {{"rank", 5}}) == R"(200 {"id":4,"name":"newer","rank":5})");
  CHECK(said("DELETE", "/api/items/4/") == "204 ");
  CHECK(said("GET", "/api/items/4/") == gone);
}

TEST_CASE_METHOD(served, "a view set answers what is wrong with 400", "[model_view_set]") {
  CHECK(said("POST", "/api/items/") == R"(400 {"name":["This field is required."]})");
  CHECK(said("PUT", "/api/items/1/", {{"rank", 5}})
        == R"(400 {"name":["This field is required."]})");
  CHECK(said("PATCH", "/api/items/1/", {{"name", "item 2"}})
        == R"(400 {"name":["item with this name already exists."]})");
  CHECK(consumer_test::count_of<view_test::item>(server) == 3);
}

TEST_CASE_METHOD(served, "the routes of a view set know their methods", "[model_view_set]") {
  CHECK(said("DELETE", "/api/items/") == R"(405 {"detail":"Method \"DELETE\" not allowed."})");
  CHECK(said("PUT", "/api/items/").starts_with("405 "));
  CHECK(said("POST", "/api/items/1/").starts_with("405 "));
  auto allow = [&](std::string_view path) {
    return view_test::header(server.fetch("OPTIONS", path), "Allow");
  };
  auto name = [this](const std::string& path) {
    return json::parse(server.fetch("OPTIONS", path).body)["name"];
  };
  CHECK(name("/api/items/") == "Item List");
  CHECK(name("/api/items/1/") == "Item Instance");
  CHECK(name("/api/items/best/") == "Best");
  CHECK(allow("/api/items/") == "GET, POST, HEAD, OPTIONS");
  CHECK(allow("/api/items/1/") == "GET, PUT, PATCH, DELETE, HEAD, OPTIONS");
  CHECK(allow("/api/items/best/") == "GET, HEAD, OPTIONS");
  CHECK(allow("/api/items/clear/") == "POST, PUT, OPTIONS");
  CHECK(allow("/api/items/1/rank/") == "GET, POST, HEAD, OPTIONS");
  CHECK(allow("/reading/") == "GET, HEAD, OPTIONS");
  CHECK(allow("/reading/1/") == "GET, HEAD, OPTIONS");
  CHECK(allow("/adding/") == "POST, OPTIONS");
  CHECK(allow("/adding/1/") == "PATCH, OPTIONS");
  CHECK(said("HEAD", "/api/items/1/") == "200 ");
  CHECK(said("GET", "/api/items/1") == gone);
  CHECK(said("GET", "/api/items/1/2/") == gone);
}

TEST_CASE_METHOD(served, "a view set has actions of its own", "[model_view_set]") {
  CHECK(said("GET", "/api/items/best/") == R"(200 [{"id":3,"name":"item 3","rank":3}])");
  CHECK(said("PUT", "/api/items/clear/") == "202 ");
  CHECK(said("GET", "/api/items/2/rank/") == "200 rank of 2, rank");
  CHECK(said("POST", "/api/items/2/rank/") == R"(200 {"id":2,"name":"item 2","rank":4})");
  CHECK(said("POST", "/api/items/9/rank/") == gone);
}

TEST_CASE_METHOD(served, "hooks decide which rows there are, and how they are shown",
                 "[model_view_set]") {
  CHECK(said("GET", "/careful/") == R"(200 [{"name":"item 3"},{"name":"item 2"}])");
  CHECK(said("GET", "/careful/item 2/") == R"(200 {"id":2,"name":"item 2","rank":2})");
  CHECK(said("GET", "/careful/item 1/") == gone);
  CHECK(said("GET", "/careful/2/") == gone);
}

TEST_CASE_METHOD(served, "hooks run before rows are written", "[model_view_set]") {
  CHECK(said("POST", "/careful/", {{"name", "new"}}, ann)
        == R"(201 {"id":4,"name":"new/ann","rank":1})");
  CHECK(said("PATCH", "/careful/item 2/", {{"rank", 11}}, ann)
        == R"(400 {"rank":["Not by ann."]})");
  CHECK(said("PATCH", "/careful/item 2/", {{"rank", 10}}, ann).starts_with("200 "));
  CHECK(said("PATCH", "/careful/item 1/", {{"rank", 10}}, ann) == gone);
  CHECK(said("PATCH", "/careful/item 2/", {{"rank", 50}}, ann).starts_with("200 "));
  CHECK(said("DELETE", "/careful/item 2/", {}, ann).starts_with("403 "));
  CHECK(said("DELETE", "/careful/item 9/", {}, ann) == gone);
  CHECK(said("DELETE", "/careful/item 2/", {}, boss) == "204 ");
}

TEST_CASE_METHOD(served, "permissions of a view set hold for all its routes", "[model_view_set]") {
  for (const auto& [method, path] : {std::pair{"POST", "/careful/"},
                                     {"PUT", "/careful/item 2/"},
                                     {"PATCH", "/careful/item 2/"},
                                     {"DELETE", "/careful/item 2/"}}) {
    CAPTURE(method);
    CHECK(said(method, path).starts_with("401 "));
  }
  CHECK(said("GET", "/careful/item 2/").starts_with("200 "));
}

TEST_CASE_METHOD(served, "permissions of a view set may be asked about the row",
                 "[model_view_set]") {
  CHECK(said("GET", "/low/2/").starts_with("200 "));
  CHECK(said("GET", "/low/2/name/") == "200 item 2");
  for (const auto& [method, path] : {std::pair{"PUT", "/low/2/"},
                                     {"PATCH", "/low/2/"},
                                     {"DELETE", "/low/2/"},
                                     {"POST", "/low/2/name/"}}) {
    CAPTURE(method);
    CHECK(said(method, path).starts_with("401 "));
    CHECK(said(method, path, {{"name", "x"}}, ann).starts_with("403 "));
  }
  CHECK(said("PATCH", "/low/1/", {{"name", "x"}}) == R"(200 {"id":1,"name":"x","rank":1})");
  CHECK(said("POST", "/low/1/name/") == "200 x");
  CHECK(said("DELETE", "/low/1/") == "204 ");
  CHECK(said("DELETE", "/low/1/") == gone);
  CHECK(consumer_test::count_of<view_test::item>(server) == 2);
}

TEST_CASE_METHOD(served, "the query of a list chooses a page", "[model_view_set]") {
  auto first = page_at("/paged/?limit=1&search=ITEM");
  CHECK(first.ids == json{1});
  CHECK(first.count == 3);
  CHECK(first.previous.is_null());
  CHECK(first.next == "http://localhost/paged/?limit=1&offset=1&search=ITEM");
  auto second = page_at(first.next);
  CHECK(second.ids == json{2});
  CHECK(second.previous == "http://localhost/paged/?limit=1&search=ITEM");
  auto third = page_at(second.next);
  CHECK(third.ids == json{3});
  CHECK(third.next.is_null());
  CHECK(third.previous == first.next);
  CHECK(page_at("/paged/?limit=x&offset=-1").next == "http://localhost/paged/?limit=2&offset=2");
  CHECK(page_at("/paged/?offset=9").ids == json::array());
}

TEST_CASE_METHOD(served, "links between pages are those by which the client came",
                 "[model_view_set]") {
  dcrf::http_request request;
  request.method = "GET";
  request.scope.scheme = "https";
  request.scope.host = "shop.example.org:8443";
  request.scope.prefix = "/shop";
  auto page = json::parse(server.fetch("/paged/?limit=1", request).body);
  CHECK(page["next"] == "https://shop.example.org:8443/shop/paged/?limit=1&offset=1");
}

TEST_CASE_METHOD(served, "the query of a list filters and orders", "[model_view_set]") {
  CHECK(page_at("/paged/?ordering=-rank").ids == json{3, 2});
  CHECK(page_at("/paged/?rank__gte=2").ids == json{2, 3});
  CHECK(page_at("/paged/?rank__in=1,3").ids == json{1, 3});
  CHECK(page_at("/paged/?id=2&id=3").ids == json{3});
  CHECK(page_at("/paged/?id=&unknown=1").count == 3);
  CHECK(said("GET", "/paged/?rank__gte=x")
        == R"(400 {"rank__gte":["A valid integer is required."]})");
}

TEST_CASE_METHOD(served, "pages of a list may be numbered", "[model_view_set]") {
  auto first = page_at("/numbered/?a=%C3%BC%20/");
  CHECK(first.ids == json{1, 2});
  CHECK(first.next == "http://localhost/numbered/?a=%C3%BC%20%2F&page=2");
  auto last = page_at("/numbered/?page=last");
  CHECK(last.ids == json{3});
  CHECK(last.next.is_null());
  CHECK(last.previous == "http://localhost/numbered/");
  CHECK(said("GET", "/numbered/?page=3") == R"(404 {"detail":"Invalid page."})");
}

TEST_CASE_METHOD(served, "pages of a list may follow a cursor", "[model_view_set]") {
  auto first = page_at("/pointed/");
  CHECK(first.ids == json{3, 2});
  CHECK(first.previous.is_null());
  auto last = page_at(first.next);
  CHECK(last.ids == json{1});
  CHECK(last.next.is_null());
  CHECK(page_at(last.previous).ids == json{3, 2});
  for (const auto* cursor : {"x", "%7B%7D", "[1]", "%22a%22"}) {
    CHECK(said("GET", "/pointed/?cursor=" + std::string{cursor})
          == R"(404 {"detail":"Invalid cursor"})");
  }
}

} // namespace view_test::sets
