#include "dcrf/rows/row_operations.hpp"

#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/view/api_view.hpp"
#include "dcrf/view/model_view_set.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

using dcrf::json;
using dcrf::task;
using dcrf::view_request;
using dcrf::view_response;

namespace consumer_test::rows {

using keys = std::vector<std::int64_t>;

struct club_serializer : dcrf::model_serializer<club> {
  using fields = dcrf::shown<dcrf::field<&club::id>, dcrf::field<&club::name>,
                             dcrf::link<&club::members, dcrf::write_only>>;
};

class club_consumer
    : public dcrf::model_consumer<club_consumer, club, club_serializer, dcrf::crud> {};
class club_view_set : public dcrf::model_view_set<club_view_set, club, club_serializer> {};

struct member_serializer : dcrf::model_serializer<club> {
  using fields = dcrf::all_fields;
};

// What a consumer and a view set have of this in common: a hook that writes.
template <class Runtime>
task<> note_first_member(const Runtime& within, const dcrf::instance& row) {
  auto written = row.as<club>();
  co_await within.template related<&club::members>(written.id).add(1);
  written.name += ", founded";
  co_await within.template repository<club>().update(written);
}

class founding_consumer
    : public dcrf::model_consumer<founding_consumer, club, member_serializer, dcrf::crud> {
public:
  task<> after_create(const dcrf::instance& row, dcrf::request&) override {
    return note_first_member(runtime(), row);
  }
  task<> after_update(const dcrf::instance& row, dcrf::request& req) override {
    if (req.action() == "patch") {
      co_await repository<club>().remove(dcrf::key{row.pk()});
    } else {
      co_await note_first_member(runtime(), row);
    }
  }
};

class founding_view_set : public dcrf::model_view_set<founding_view_set, club, member_serializer> {
public:
  task<> after_create(const dcrf::instance& row, view_request& req) override {
    return note_first_member(req.runtime(), row);
  }
  task<> after_update(const dcrf::instance& row, view_request& req) override {
    return note_first_member(req.runtime(), row);
  }
  task<> after_destroy(const dcrf::instance& row, view_request&) override {
    destroyed = row.as<club>().name;
    return {};
  }

  static inline std::string destroyed;
};

// Bob may be in no club, whether he is given as a key or by a link; nobody else but Ann is let in.
void without_bob(const std::vector<std::int64_t>& members) {
  if (std::ranges::find(members, 2) != members.end()) {
    throw dcrf::validation_error("Not Bob.");
  }
}

struct strict_serializer : dcrf::model_serializer<club> {
  using fields =
      dcrf::shown<dcrf::field<&club::name>,
                  dcrf::link<&club::members, dcrf::write_only, dcrf::validated_by<&without_bob>>>;

  static void validate(const dcrf::validated<club>& data, const dcrf::serializer_context&) {
    if (data.has<&club::members>() && data.get<&club::members>().empty()) {
      throw dcrf::validation_error("members", "Somebody must be in it.");
    }
  }
};

class strict_consumer
    : public dcrf::model_consumer<strict_consumer, club, strict_serializer, dcrf::crud> {
public:
  task<> perform_create(dcrf::validated<club>& data, dcrf::request&) override {
    data.set<&club::members>({1});
    return {};
  }
  task<> perform_update(dcrf::validated<club>& data, dcrf::request&) override {
    if (data.has<&club::members>() && data.get<&club::members>() != keys{1}) {
      throw dcrf::permission_denied("Only Ann.");
    }
    return {};
  }
};

struct served {
  served() {
    for (const auto* name : {"ann", "bob"}) {
      author draft;
      draft.name = name;
      stored(server, draft);
    }
    club draft;
    draft.name = "old";
    stored(server, draft);
    auto join = [this]() -> task<> { co_await server.runtime().related<&club::members>(1).add(2); };
    server.run(join());
    server.websocket<club_consumer>("/ws/clubs/");
    server.view_set<club_view_set>("/clubs/");
    server.websocket<founding_consumer>("/ws/founding/");
    server.view_set<founding_view_set>("/founding/");
    server.websocket<strict_consumer>("/ws/strict/");
  }

  std::vector<std::int64_t> members(std::int64_t pk) {
    auto list = [this, pk]() -> task<std::vector<std::int64_t>> {
      std::vector<std::int64_t> result;
      for (const auto& x : co_await server.runtime().related<&club::members>(pk).list()) {
        result.push_back(x.id);
      }
      co_return result;
    };
    return server.run(list());
  }

  // "200 {…}": what is said over HTTP, or in `data` or `errors` of a reply.
  std::string over_http(std::string_view method, std::string_view path, const json& data = {}) {
    auto answer = data.is_null() ? server.fetch(method, path) : server.fetch(method, path, data);
    return std::to_string(answer.status) + ' ' + answer.body;
  }
  std::string over_websocket(const std::string& path, json request) {
    auto session = server.connect(path);
    request["request_id"] = 1;
    session.send(request);
    auto reply = session.receive();
    const auto& shown = reply["errors"].empty() ? reply["data"] : reply["errors"];
    return reply["response_status"].dump() + ' ' + shown.dump();
  }

  dcrf::test_server server{all_models()};
};

} // namespace consumer_test::rows

using namespace consumer_test::rows;

TEST_CASE_METHOD(served, "links to many that are written stay as they are given", "[rows]") {
  CHECK(over_http("PATCH", "/clubs/1/", {{"members", {1}}}) == R"(200 {"id":1,"name":"old"})");
  CHECK(members(1) == keys{1});
  CHECK(over_http("PUT", "/clubs/1/", {{"name", "new"}, {"members", {1, 2}}})
        == R"(200 {"id":1,"name":"new"})");
  CHECK(members(1) == keys{1, 2});
  CHECK(over_http("POST", "/clubs/", {{"name", "other"}, {"members", {2}}})
        == R"(201 {"id":2,"name":"other"})");
  CHECK(members(2) == keys{2});
  CHECK(over_http("PATCH", "/clubs/1/", {{"members", json::array()}}).starts_with("200"));
  CHECK(members(1).empty());

  CHECK(over_websocket("/ws/clubs/", {{"action", "patch"}, {"pk", 2}, {"data", {{"members", {1}}}}})
        == R"(200 {"id":2,"name":"other"})");
  CHECK(members(2) == keys{1});
}

TEST_CASE_METHOD(served, "a link to a row that there is not is told, and nothing is written",
                 "[rows]") {
  CHECK(over_http("PATCH", "/clubs/1/", {{"members", {1, 9}}})
        == R"(400 {"members":["Not found"]})");
  CHECK(over_http("POST", "/clubs/", {{"name", "x"}, {"members", {9}}})
        == R"(400 {"members":["Not found"]})");
  CHECK(over_websocket("/ws/clubs/",
                       {{"action", "patch"}, {"pk", 1}, {"data", {{"members", {1, 9}}}}})
        == R"(400 [{"members":["Not found"]}])");
  CHECK(members(1) == keys{2});
  CHECK(consumer_test::count_of<consumer_test::club>(server) == 1);
}

TEST_CASE_METHOD(served, "a reply shows the row as the hooks after the write leave it", "[rows]") {
  json created{{"id", 2}, {"members", {1}}, {"name", "x, founded"}};
  json draft{{"name", "x"}, {"members", {1}}};
  CHECK(over_websocket("/ws/founding/", {{"action", "create"}, {"data", draft}})
        == "201 " + created.dump());
  CHECK(
      over_websocket("/ws/founding/", {{"action", "update"}, {"pk", 1}, {"data", {{"name", "y"}}}})
      == R"(200 {"id":1,"members":[1,2],"name":"y, founded"})");

  CHECK(json::parse(over_http("POST", "/founding/", draft).substr(4))
        == json{{"id", 3}, {"members", {1}}, {"name", "x, founded"}});
  CHECK(json::parse(over_http("PATCH", "/founding/3/", {{"name", "z"}}).substr(4))["name"]
        == "z, founded");
}

TEST_CASE_METHOD(served, "a row that a hook deletes is shown as it was written", "[rows]") {
  CHECK(over_websocket("/ws/founding/",
                       {{"action", "patch"}, {"pk", 1}, {"data", {{"name", "gone"}}}})
        == R"(200 {"id":1,"members":[2],"name":"gone"})");
  CHECK(consumer_test::count_of<consumer_test::club>(server) == 0);
}

TEST_CASE_METHOD(served, "a view set may have a hook after a deletion", "[rows]") {
  CHECK(over_http("DELETE", "/founding/1/").starts_with("204"));
  CHECK(founding_view_set::destroyed == "old");
}

TEST_CASE_METHOD(served, "validators and hooks see and change which rows are related", "[rows]") {
  stored(server, consumer_test::author{.name = "cid"});
  auto ask = [this](const std::string& action, const json& data) {
    return over_websocket("/ws/strict/", {{"action", action}, {"pk", 1}, {"data", data}});
  };
  CHECK(ask("create", {{"name", "new"}}) == R"(201 {"name":"new"})");
  CHECK(members(2) == keys{1});
  CHECK(ask("create", {{"name", "x"}, {"members", {1, 2}}}) == R"(400 [{"members":["Not Bob."]}])");
  CHECK(ask("patch", {{"members", json::array()}})
        == R"(400 [{"members":["Somebody must be in it."]}])");
  CHECK(ask("patch", {{"members", {3}}}) == R"(403 ["Only Ann."])");
  CHECK(members(1) == keys{2});
  CHECK(ask("patch", {{"members", {1}}}).starts_with("200"));
  CHECK(members(1) == keys{1});
}

namespace consumer_test::rows {

class writing_consumer : public dcrf::api_consumer<writing_consumer> {
public:
  task<dcrf::response> found(json arguments) {
    club draft{.name = arguments["name"].get<std::string>()};
    co_return dcrf::response::created(co_await create<member_serializer>(draft));
  }
  task<dcrf::response> rename(json arguments) {
    club changed{.id = 1, .name = arguments["name"].get<std::string>()};
    co_return dcrf::response::ok(co_await update<member_serializer>(changed));
  }

  using actions = dcrf::actions<dcrf::action<"found", &writing_consumer::found>,
                                dcrf::action<"rename", &writing_consumer::rename>>;
};

TEST_CASE_METHOD(served, "a row is checked, written and shown in one step", "[rows]") {
  server.websocket<writing_consumer>("/ws/writing/");
  auto ask = [this](const std::string& action, const std::string& name) {
    return over_websocket("/ws/writing/", {{"action", action}, {"name", name}});
  };
  CHECK(ask("found", " new ") == R"(201 {"id":2,"members":[],"name":"new"})");
  CHECK(ask("found", " ") == R"(400 [{"name":["This field may not be blank."]}])");
  CHECK(ask("rename", "old no more") == R"(200 {"id":1,"members":[2],"name":"old no more"})");
  CHECK(ask("rename", std::string(21, 'x'))
        == R"(400 [{"name":["Ensure this field has no more than 20 characters."]}])");
  CHECK(consumer_test::count_of<consumer_test::club>(server) == 2);
}

} // namespace consumer_test::rows
