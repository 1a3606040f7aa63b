#include "dcrf/view/serialized_rows.hpp"

#include "dcrf/view/api_view.hpp"
#include "dcrf/view/internal/test_items.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::column;
using dcrf::json;
using dcrf::serialized_rows;
using dcrf::task;
using dcrf::view_request;
using dcrf::view_response;

namespace view_test::generic {

std::string url_of(const item& x) { return "/items/" + std::to_string(x.id) + '/'; }

struct linked_serializer : dcrf::model_serializer<item> {
  using fields = dcrf::shown<dcrf::field<&item::name>, dcrf::computed<"url", &url_of>>;
};

class items_view : public dcrf::api_view<items_view> {
public:
  task<view_response> get(view_request& req) {
    dcrf::query<item> rows;
    if (auto least = req.query<std::int64_t>("min_rank")) {
      rows = rows.filter(column<&item::rank> >= *least);
    }
    if (auto names = req.query_list("name"); !names.empty()) {
      rows = rows.filter(column<&item::name>.in(names));
    }
    return serialized_rows<item_serializer>{req, rows}.list();
  }
  task<view_response> post(view_request& req) {
    return serialized_rows<item_serializer>{req}.create();
  }
  task<view_response> put(view_request& req) {
    return serialized_rows<linked_serializer>{req}.create();
  }
};

// Only items of rank 2 and more are to be had.
class high_item_view : public dcrf::api_view<high_item_view> {
public:
  task<view_response> get(view_request& req) { return rows(req).retrieve(); }
  task<view_response> put(view_request& req) { return rows(req).update(); }
  task<view_response> patch(view_request& req) { return rows(req).partial_update(); }
  task<view_response> delete_(view_request& req) { return rows(req).destroy(); }

private:
  static serialized_rows<item_serializer> rows(view_request& req) {
    return serialized_rows<item_serializer>{
        req, dcrf::query<item>{}.filter(column<&item::rank> >= 2), "number"};
  }
};

// Lists by the query, in pages, and says what runs around a write.
class chosen_items_view : public dcrf::api_view<chosen_items_view> {
public:
  task<view_response> get(view_request& req) {
    return serialized_rows<item_serializer>{req}
        .filtered_by<dcrf::filterset_fields<dcrf::filter_by<&item::rank, "gte">>,
                     dcrf::ordering_fields<&item::rank>>()
        .paginated_by<dcrf::limit_offset_pagination<dcrf::default_limit<1>>>()
        .list();
  }
  task<view_response> post(view_request& req) {
    return serialized_rows<item_serializer>{req}
        .before_create([&req](dcrf::validated<item>& data) -> task<> {
          data.set<&item::rank>(co_await req.repository<item>().count({}));
        })
        .after_create([&req](const item& row) -> task<> {
          auto changed = row;
          changed.name += '!';
          co_await req.repository<item>().update(changed);
        })
        .create();
  }
};

class chosen_item_view : public dcrf::api_view<chosen_item_view> {
public:
  task<view_response> patch(view_request& req) {
    return rows(req)
        .before_update([](dcrf::validated<item>& data) -> task<> {
          data.set<&item::rank>(data.instance().value().rank + 10);
          return {};
        })
        .partial_update();
  }
  task<view_response> delete_(view_request& req) {
    return rows(req)
        .before_delete([](const item& row) -> task<> {
          if (row.rank == 2) {
            throw dcrf::permission_denied("Not this one.");
          }
          return {};
        })
        .destroy();
  }

private:
  static serialized_rows<item_serializer> rows(view_request& req) {
    return serialized_rows<item_serializer>{req}.checked_by([](const dcrf::instance& row) {
      if (row.as<item>().rank == 3) {
        throw dcrf::permission_denied();
      }
    });
  }
};

struct served : bench {
  served() : bench(3) {
    server.view<chosen_items_view>("/chosen/");
    server.view<chosen_item_view>("/chosen/<pk>/");
    server.view<items_view>("/items/");
    server.view<high_item_view>("/items/<number>/");
    server.view<high_item_view>("/nameless/");
  }
};

using view_test::said;

TEST_CASE_METHOD(served, "rows of a query are listed", "[serialized_rows]") {
  CHECK(said(server.fetch("GET", "/items/?min_rank=2"))
        == R"(200 [{"id":2,"name":"item 2","rank":2},{"id":3,"name":"item 3","rank":3}])");
  CHECK(said(server.fetch("GET", "/items/?name=item+1&name=item%203&name=other"))
        == R"(200 [{"id":1,"name":"item 1","rank":1},{"id":3,"name":"item 3","rank":3}])");
  CHECK(said(server.fetch("GET", "/items/?min_rank=9")) == "200 []");
  CHECK(said(server.fetch("GET", "/items/?min_rank=x"))
        == R"(400 {"min_rank":["A valid integer is required."]})");
}

TEST_CASE_METHOD(served, "a row is created from the data", "[serialized_rows]") {
  auto created = server.fetch("POST", "/items/", json{{"name", "new"}, {"rank", 7}});
  CHECK(said(created) == R"(201 {"id":4,"name":"new","rank":7})");
  CHECK(view_test::header(created, "Location") == "none");
  CHECK(said(server.fetch("POST", "/items/")) == R"(400 {"name":["This field is required."]})");
  // What the store finds comes together with what was found before.
  auto wrong = server.fetch("POST", "/items/", json{{"name", "item 1"}, {"rank", "x"}});
  CHECK(wrong.status == 400);
  CHECK(json::parse(wrong.body)
        == json{{"name", {"item with this name already exists."}},
                {"rank", {"A valid integer is required."}}});
  CHECK(said(server.fetch("POST", "/items/", json::array()))
        == R"(400 {"non_field_errors":["Invalid data. Expected a dictionary, but got list."]})");
  CHECK(consumer_test::count_of<view_test::item>(server) == 4);
}

TEST_CASE_METHOD(served, "the answer to a creation tells where the row is, if it is shown",
                 "[serialized_rows]") {
  auto created = server.fetch("PUT", "/items/", json{{"name", "new"}});
  CHECK(said(created) == R"(201 {"name":"new","url":"/items/4/"})");
  CHECK(view_test::header(created, "Location") == "/items/4/");
}

TEST_CASE_METHOD(served, "one row is the one that the parameter names", "[serialized_rows]") {
  CHECK(said(server.fetch("GET", "/items/2/")) == R"(200 {"id":2,"name":"item 2","rank":2})");
  CHECK(said(server.fetch("PATCH", "/items/2/", json{{"rank", 9}}))
        == R"(200 {"id":2,"name":"item 2","rank":9})");
  CHECK(said(server.fetch("PUT", "/items/2/", json{{"rank", 8}}))
        == R"(400 {"name":["This field is required."]})");
  CHECK(said(server.fetch("PUT", "/items/2/", json{{"name", "x"}, {"rank", 8}}))
        == R"(200 {"id":2,"name":"x","rank":8})");
  CHECK(said(server.fetch("DELETE", "/items/2/")) == "204 ");
  CHECK(said(server.fetch("DELETE", "/items/2/")).starts_with("404 "));
}

TEST_CASE_METHOD(served, "a row that the query does not have is not found", "[serialized_rows]") {
  for (const auto* method : {"GET", "PUT", "PATCH", "DELETE"}) {
    for (const auto* path :
         {"/items/1/", "/items/9/", "/items/x/", "/items/99999999999999999999/", "/nameless/"}) {
      CAPTURE(method, path);
      CHECK(said(server.fetch(method, path)) == R"(404 {"detail":"Not found."})");
    }
  }
  CHECK(consumer_test::count_of<view_test::item>(server) == 3);
}

TEST_CASE_METHOD(served, "the query may choose of a list, which has pages", "[serialized_rows]") {
  CHECK(said(server.fetch("GET", "/chosen/?rank__gte=2&ordering=-rank"))
        == R"(200 {"count":2,"next":"http://localhost/chosen/?limit=1&offset=1&ordering=-rank&)"
           R"(rank__gte=2","previous":null,"results":[{"id":3,"name":"item 3","rank":3}]})");
}

TEST_CASE_METHOD(served, "functions may run around a write", "[serialized_rows]") {
  CHECK(said(server.fetch("POST", "/chosen/", json{{"name", "new"}}))
        == R"(201 {"id":4,"name":"new!","rank":3})");
  CHECK(said(server.fetch("PATCH", "/chosen/1/", json{{"name", "a"}}))
        == R"(200 {"id":1,"name":"a","rank":11})");
  CHECK(said(server.fetch("DELETE", "/chosen/1/")) == "204 ");
  CHECK(said(server.fetch("DELETE", "/chosen/2/")) == R"(403 {"detail":"Not this one."})");
  CHECK(said(server.fetch("PATCH", "/chosen/3/", json{{"name", "a"}})).starts_with("403 "));
  CHECK(said(server.fetch("DELETE", "/chosen/3/")).starts_with("403 "));
}

} // namespace view_test::generic
