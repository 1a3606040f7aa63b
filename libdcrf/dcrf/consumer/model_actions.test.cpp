#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/consumer/model_consumer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::json;

namespace consumer_test::acting {

class authors : public dcrf::model_consumer<authors, author, author_serializer, dcrf::crud> {};

class authors_by_name
    : public dcrf::model_consumer<authors_by_name, author, author_serializer, dcrf::crud> {
public:
  using lookup = dcrf::lookup_field<&author::name, "name">;
};

class reader : public dcrf::model_consumer<reader, author, author_serializer, dcrf::list_model,
                                           dcrf::retrieve_model> {
public:
  dcrf::response mine() { return dcrf::response::ok(json("mine")); }

  // An action of its own takes the place of the mixin's.
  using actions = dcrf::actions<dcrf::action<"list", &reader::mine>>;
};

class own_notes : public dcrf::model_consumer<own_notes, note, note_serializer, dcrf::crud> {
protected:
  dcrf::query<note> queryset(const dcrf::request& req) const override {
    auto result = dcrf::query<note>{}.filter(dcrf::column<&note::author>
                                             == static_cast<std::int64_t>(req.user().pk));
    if (auto search = req.argument("search")) {
      result = std::move(result).filter(
          dcrf::column<&note::text>.icontains(std::string{search->text()}));
    }
    return std::move(result).order_by_descending<&note::id>();
  }

  dcrf::task<> perform_create(dcrf::validated<note>& data, dcrf::request& req) override {
    // The thread's reader goes on to other frames meanwhile.
    co_await repository<author>().find(1);
    runtime().where().reader().read("[]");
    data.set<&note::author>(static_cast<std::int64_t>(req.user().pk));
    if (data.get<&note::text>() == "forbidden") {
      throw dcrf::permission_denied();
    }
  }

  dcrf::task<> perform_update(dcrf::validated<note>& data, dcrf::request& req) override {
    if (data.has<&note::text>()) {
      auto before = data.instance().value().text;
      data.set<&note::text>(before + ", " + req.action() + ' ' + data.get<&note::text>());
    }
    return {};
  }

  dcrf::task<> perform_delete(const dcrf::instance& row, dcrf::request& req) override {
    if (req.argument("keep")) {
      throw dcrf::permission_denied("Not " + row.as<note>().text + '.');
    }
    return {};
  }
};

template <class Consumer>
dcrf::test_session connected(dcrf::test_server& server) {
  author ann{.name = "ann"};
  author bob{.name = "bob"};
  stored(server, ann);
  stored(server, bob);
  server.websocket<Consumer>("/");
  return server.connect("/", user(1, "ann"));
}

template <class Consumer>
struct bench {
  // The status and what is in `data` or `errors`, of a request made of JSON text.
  std::string ask(const std::string& action, const std::string& arguments = {}) {
    session.send_text(R"({"request_id":1,"action":")" + action + '"'
                      + (arguments.empty() ? "" : ",") + arguments + "}");
    auto reply = session.receive();
    CHECK(reply["action"] == action);
    CHECK(reply["request_id"] == 1);
    const auto& shown = reply["errors"].empty() ? reply["data"] : reply["errors"];
    return reply["response_status"].dump() + ' ' + shown.dump();
  }

  dcrf::test_server server{all_models()};
  dcrf::test_session session = connected<Consumer>(server);
};

std::string calls;

bool note_shown(const author& x) {
  calls += x.name + ' ';
  return true;
}

struct traced_serializer : dcrf::model_serializer<author> {
  using fields = dcrf::shown<dcrf::field<&author::name>, dcrf::computed<"shown", &note_shown>>;
};

// Notes when an action begins, by its id, and when its reply is made, by the name of the row.
class traced : public dcrf::model_consumer<traced, author, traced_serializer, dcrf::create_model,
                                           dcrf::patch_model> {
public:
  dcrf::response ping() {
    calls += "ping ";
    return dcrf::response::ok(json("pong"));
  }

  using actions = dcrf::actions<dcrf::action<"ping", &traced::ping>>;

protected:
  const dcrf::serializer_descriptor& serializer(const dcrf::request& req) const override {
    calls += req.id() + ' ';
    return model_consumer::serializer(req);
  }
};

class with_hook : public dcrf::api_consumer<with_hook, traced> {
protected:
  dcrf::task<> after_create(const dcrf::instance&, dcrf::request&) override {
    calls += "hook ";
    return {};
  }
};

// The library can't see its hook.
class with_hidden_hook : public dcrf::api_consumer<with_hidden_hook, traced> {
  dcrf::task<> perform_create(dcrf::validated<author>&, dcrf::request&) override {
    calls += "hook ";
    return {};
  }
};

const std::string not_there = R"(404 ["Not found"])";

using consumer_test::author;
using consumer_test::count_of;
using consumer_test::note;

TEST_CASE("rows are listed by primary key, and retrieved", "[model_actions]") {
  bench<authors> x;
  CHECK(x.ask("list") == R"(200 [{"id":1,"name":"ann"},{"id":2,"name":"bob"}])");
  CHECK(x.ask("list", R"("pk": 1, "other": [])")
        == R"(200 [{"id":1,"name":"ann"},{"id":2,"name":"bob"}])");
  CHECK(x.ask("retrieve", R"("pk": 2)") == R"(200 {"id":2,"name":"bob"})");
  CHECK(x.ask("retrieve", R"("pk": "2")") == R"(200 {"id":2,"name":"bob"})");
}

TEST_CASE("a key that can't be one finds nothing", "[model_actions]") {
  bench<authors> x;
  const auto* pk = GENERATE("3", "-1", "\"x\"", "\"\"", "null", "[1]", R"({"id": 1})", "true",
                            "1.5", "99999999999999999999", "18446744073709551615", "\"1x\"");
  CAPTURE(pk);
  auto argument = std::string{R"("pk": )"} + pk;
  CHECK(x.ask("retrieve", argument) == not_there);
  CHECK(x.ask("delete", argument) == not_there);
  CHECK(x.ask("patch", argument + R"(, "data": {})") == not_there);
  CHECK(x.ask("update", argument + R"(, "data": {"name": "x"})") == not_there);
}

TEST_CASE("a row is looked up before its data is checked", "[model_actions]") {
  bench<authors> x;
  CHECK(x.ask("update", R"("pk": 3, "data": {})") == not_there);
  CHECK(x.ask("patch", R"("pk": 3, "data": {"name": "far too long a name"})") == not_there);
}

TEST_CASE("arguments that are missing are named", "[model_actions]") {
  bench<authors> x;
  const std::string no_pk = R"(400 [{"pk":["This field is required."]}])";
  const std::string no_data = R"(400 [{"data":["This field is required."]}])";
  CHECK(x.ask("retrieve") == no_pk);
  CHECK(x.ask("delete") == no_pk);
  CHECK(x.ask("update", R"("data": {"name": "x"})") == no_pk);
  CHECK(x.ask("update", R"("pk": 1)") == no_data);
  CHECK(x.ask("patch", R"("pk": 1)") == no_data);
  CHECK(x.ask("create") == no_data);
}

TEST_CASE("rows are created", "[model_actions]") {
  bench<authors> x;
  CHECK(x.ask("create", R"("data": {"name": " eve ", "id": 77})")
        == R"(201 {"id":3,"name":"eve"})");
  CHECK(x.ask("retrieve", R"("pk": 3)") == R"(200 {"id":3,"name":"eve"})");
}

TEST_CASE("what is wrong with data is told, and nothing is written", "[model_actions]") {
  bench<authors> x;
  auto refused = [](const std::string& text) { return R"(400 [{"name":[")" + text + R"("]}])"; };
  CHECK(x.ask("create", R"("data": {})") == refused("This field is required."));
  CHECK(x.ask("create", R"("data": {"name": null})") == refused("This field may not be null."));
  CHECK(x.ask("create", R"("data": {"name": "ann"})")
        == refused("author with this name already exists."));
  CHECK(x.ask("update", R"("pk": 2, "data": {"name": "ann"})")
        == refused("author with this name already exists."));
  CHECK(x.ask("update", R"("pk": 2, "data": {"name": "bob"})").starts_with("200"));
  CHECK(x.ask("patch", R"("pk": 2, "data": {"name": ""})")
        == refused("This field may not be blank."));
  CHECK(x.ask("update", R"("pk": 2, "data": {})") == refused("This field is required."));
  CHECK(x.ask("patch", R"("pk": 2, "data": {})") == R"(200 {"id":2,"name":"bob"})");
  CHECK(x.ask("create", R"("data": [])")
        == R"(400 [{"non_field_errors":["Invalid data. Expected a dictionary, but got list."]}])");
  CHECK(x.ask("create", R"("data": null)") == R"(400 [{"non_field_errors":["No data provided"]}])");
  CHECK(count_of<author>(x.server) == 2);
}

TEST_CASE("rows are changed and deleted", "[model_actions]") {
  bench<authors> x;
  CHECK(x.ask("update", R"("pk": 1, "data": {"name": "anne"})") == R"(200 {"id":1,"name":"anne"})");
  CHECK(x.ask("patch", R"("pk": 1, "data": {"name": "anna"})") == R"(200 {"id":1,"name":"anna"})");
  CHECK(x.ask("delete", R"("pk": 1)") == "204 null");
  CHECK(x.ask("delete", R"("pk": 1)") == not_there);
  CHECK(x.ask("list") == R"(200 [{"id":2,"name":"bob"}])");
}

TEST_CASE("an action that a consumer does not offer is not allowed", "[model_actions]") {
  bench<reader> x;
  for (const auto* action : {"create", "update", "patch", "delete", "subscribe_instance",
                             "unsubscribe_instance", "destroy", "mine"}) {
    CHECK(x.ask(action, R"("pk": 1, "data": {})")
          == std::string{R"(405 ["Method \")"} + action + R"(\" not allowed."])");
  }
  CHECK(x.ask("retrieve", R"("pk": 1)").starts_with("200"));
  CHECK(x.ask("list") == R"(200 "mine")");
}

TEST_CASE("rows may be looked up by another unique field", "[model_actions]") {
  bench<authors_by_name> x;
  CHECK(x.ask("retrieve", R"("name": "bob", "pk": 1)") == R"(200 {"id":2,"name":"bob"})");
  CHECK(x.ask("retrieve", R"("pk": 1)") == R"(400 [{"name":["This field is required."]}])");
  CHECK(x.ask("patch", R"("name": "bob", "data": {"name": "rob"})")
        == R"(200 {"id":2,"name":"rob"})");
  CHECK(x.ask("delete", R"("name": "bob")") == not_there);
  CHECK(x.ask("delete", R"("name": "rob")") == "204 null");
  CHECK(x.ask("delete", R"("name": [])") == not_there);
}

TEST_CASE("errors that were found before come together with those of the store",
          "[model_actions]") {
  bench<own_notes> x;
  CHECK(x.ask("create", R"("data": {"text": "", "author": 9})")
        == R"(400 [{"author":["Invalid pk \"9\" - object does not exist."],)"
           R"("text":["This field may not be blank."]}])");
}

TEST_CASE("a queryset bounds every action", "[model_actions]") {
  bench<own_notes> x;
  note of_ann{.text = "Hers", .author = 1};
  note of_bob{.text = "his", .author = 2};
  note last{.text = "last", .author = 1};
  stored(x.server, of_ann);
  stored(x.server, of_bob);
  stored(x.server, last);

  CHECK(x.ask("list")
        == R"(200 [{"author":1,"id":3,"text":"last"},{"author":1,"id":1,"text":"Hers"}])");
  CHECK(x.ask("list", R"("search": "hER")") == R"(200 [{"author":1,"id":1,"text":"Hers"}])");
  CHECK(x.ask("retrieve", R"("pk": 2)") == not_there);
  CHECK(x.ask("retrieve", R"("pk": 3, "search": "hers")") == not_there);
  CHECK(x.ask("patch", R"("pk": 2, "data": {"text": "mine"})") == not_there);
  CHECK(x.ask("update", R"("pk": 2, "data": {"text": "mine"})") == not_there);
  CHECK(x.ask("delete", R"("pk": 2)") == not_there);
  CHECK(count_of<note>(x.server) == 3);
}

TEST_CASE("hooks change what is written, or forbid it", "[model_actions]") {
  bench<own_notes> x;
  CHECK(x.ask("create", R"("data": {"text": "new", "author": 2})")
        == R"(201 {"author":1,"id":1,"text":"new"})");
  CHECK(x.ask("create", R"("data": {"text": "forbidden"})").starts_with("403"));
  CHECK(count_of<note>(x.server) == 1);
  CHECK(x.ask("patch", R"("pk": 1, "data": {"text": "a"})")
        == R"(200 {"author":1,"id":1,"text":"new, patch a"})");
  CHECK(x.ask("update", R"("pk": 1, "data": {"text": "b"})")
        == R"(200 {"author":1,"id":1,"text":"new, patch a, update b"})");
  CHECK(x.ask("delete", R"("pk": 1, "keep": true)") == R"(403 ["Not new, patch a, update b."])");
  CHECK(x.ask("delete", R"("pk": 9, "keep": true)") == not_there);
  CHECK(x.ask("patch", R"("pk": 9, "data": {"text": "c"})") == not_there);
  CHECK(count_of<note>(x.server) == 1);
  CHECK(x.ask("delete", R"("pk": 1)") == "204 null");
}

namespace {

json creation(int id, const std::string& name) {
  return {{"action", "create"}, {"request_id", id}, {"data", {{"name", name}}}};
}

template <class Consumer>
std::string calls_of(const std::vector<json>& frames) {
  bench<Consumer> x;
  calls.clear();
  x.session.send_together(frames);
  std::string replies;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    auto reply = x.session.receive();
    replies += reply["request_id"].dump() + ':' + reply["response_status"].dump() + ' ';
  }
  return calls + "| " + replies;
}

} // namespace

TEST_CASE("writes that arrive together start together, and are answered in order",
          "[model_actions]") {
  CHECK(calls_of<traced>({creation(1, "cid"), creation(2, "dan")}) == "1 2 cid dan | 1:201 2:201 ");
  json patch{{"action", "patch"}, {"request_id", 2}, {"pk", 3}, {"data", {{"name", "eve"}}}};
  CHECK(calls_of<traced>({creation(1, "cid"), patch, creation(3, "cid")})
        == "1 2 3 cid eve cid | 1:201 2:200 3:201 ");
}

TEST_CASE("what is wrong with one of several writes is told in its place", "[model_actions]") {
  CHECK(calls_of<traced>({creation(1, "cid"), creation(2, ""), creation(3, "dan")})
        == "1 2 3 cid dan | 1:201 2:400 3:201 ");
  json no_data{{"action", "create"}, {"request_id", 2}};
  CHECK(calls_of<traced>({creation(1, "cid"), no_data, creation(3, "dan")})
        == "1 2 cid 3 dan | 1:201 2:400 3:201 ");
}

TEST_CASE("other actions wait for the writes before them", "[model_actions]") {
  json ping{{"action", "ping"}, {"request_id", 2}};
  json unknown{{"action", "pong"}, {"request_id", 3}};
  CHECK(calls_of<traced>({creation(1, "cid"), ping, unknown, creation(4, "dan")})
        == "1 cid ping 4 dan | 1:201 2:200 3:405 4:201 ");
}

TEST_CASE("hooks around a write see one write after the other", "[model_actions]") {
  CHECK(calls_of<with_hook>({creation(1, "cid"), creation(2, "dan")})
        == "1 hook cid 2 hook dan | 1:201 2:201 ");
  CHECK(calls_of<with_hidden_hook>({creation(1, "cid"), creation(2, "dan")})
        == "1 hook cid 2 hook dan | 1:201 2:201 ");
}

} // namespace consumer_test::acting
