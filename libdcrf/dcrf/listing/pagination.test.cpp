#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/consumer/model_consumer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>

using dcrf::json;
using namespace std::chrono_literals;

namespace consumer_test::paging {

class limited : public dcrf::model_consumer<limited, author, author_serializer, dcrf::list_model> {
public:
  using pagination = dcrf::limit_offset_pagination<dcrf::default_limit<3>, dcrf::max_limit<5>>;
};

class unlimited
    : public dcrf::model_consumer<unlimited, author, author_serializer, dcrf::list_model> {
public:
  using pagination = dcrf::limit_offset_pagination<>;
};

class numbered
    : public dcrf::model_consumer<numbered, author, author_serializer, dcrf::list_model> {
public:
  using pagination = dcrf::page_number_pagination<dcrf::page_size<3>, dcrf::max_page_size<4>>;
};

// Texts repeat, so that the primary key has to decide.
class newest : public dcrf::model_consumer<newest, note, note_serializer, dcrf::list_model> {
public:
  using pagination =
      dcrf::cursor_pagination<dcrf::ordered_by_descending<&note::text>, dcrf::page_size<2>>;
};

class streamed : public dcrf::model_consumer<streamed, author, author_serializer,
                                             dcrf::streamed_list_model, dcrf::retrieve_model> {
public:
  using pagination = dcrf::limit_offset_pagination<dcrf::default_limit<2>>;

protected:
  dcrf::task<> perform_list(dcrf::request&) override { co_await runtime().sleep(10ms); }
};

struct bench {
  bench() {
    server.websocket<limited>("/limited/");
    server.websocket<unlimited>("/unlimited/");
    server.websocket<numbered>("/numbered/");
    server.websocket<newest>("/newest/");
    server.websocket<streamed>("/streamed/");
    for (int i = 1; i <= 7; ++i) {
      stored(server, author{.name = "n" + std::to_string(i)});
    }
  }

  json list(const std::string& path, json arguments = json::object()) {
    auto client = server.connect(path);
    arguments["action"] = "list";
    client.send(arguments);
    return client.receive();
  }

  dcrf::test_server server{all_models()};
};

json ids(const json& rows) {
  auto result = json::array();
  for (const auto& x : rows) {
    result.push_back(x["id"]);
  }
  return result;
}

using consumer_test::note;
using consumer_test::stored;

TEST_CASE("a page says what it is a part of", "[pagination]") {
  bench x;
  auto data = x.list("/limited/", {{"offset", 2}})["data"];
  CHECK(data["count"] == 7);
  CHECK(data["limit"] == 3);
  CHECK(data["offset"] == 2);
  CHECK(ids(data["results"]) == json{3, 4, 5});
  CHECK(data.size() == 4);
}

TEST_CASE("limits and offsets that can't be used count as missing", "[pagination]") {
  bench x;
  auto window = [&](json arguments) {
    auto data = x.list("/limited/", std::move(arguments))["data"];
    return json{data["limit"], data["offset"]};
  };
  for (const auto& limit : {json(0), json(-1), json("x"), json(nullptr), json::array({1}),
                            json::object(), json(""), json("2.5"), json(true)}) {
    CHECK(window({{"limit", limit}}) == json{3, 0});
  }
  CHECK(window({{"limit", 2}}) == json{2, 0});
  CHECK(window({{"limit", " 4 "}}) == json{4, 0});
  CHECK(window({{"limit", 6}}) == json{5, 0});
  CHECK(window({{"limit", 18446744073709551615ULL}}) == json{5, 0});
  CHECK(window({{"limit", "99999999999999999999"}}) == json{5, 0});
  for (const auto& offset : {json(-1), json("x"), json(nullptr), json::array(), json("-3")}) {
    CHECK(window({{"offset", offset}}) == json{3, 0});
  }
  CHECK(window({{"offset", "4"}}) == json{3, 4});
  auto beyond = x.list("/limited/", {{"offset", 70}})["data"];
  CHECK(beyond["offset"] == 70);
  CHECK(beyond["results"] == json::array());
}

TEST_CASE("without any limit the list is plain", "[pagination]") {
  bench x;
  CHECK(x.list("/unlimited/")["data"].size() == 7);
  CHECK(x.list("/unlimited/", {{"limit", "no"}})["data"].is_array());
  auto data = x.list("/unlimited/", {{"limit", 1000}})["data"];
  CHECK(data["limit"] == 1000);
  CHECK(data["results"].size() == 7);
}

TEST_CASE("pages have numbers", "[pagination]") {
  bench x;
  auto first = x.list("/numbered/")["data"];
  CHECK(ids(first["results"]) == json{1, 2, 3});
  CHECK(first["count"] == 7);
  CHECK(first["next"] == 2);
  CHECK(first["previous"] == nullptr);
  auto last = x.list("/numbered/", {{"page", "3"}})["data"];
  CHECK(ids(last["results"]) == json{7});
  CHECK(last["next"] == nullptr);
  CHECK(last["previous"] == 2);
  CHECK(x.list("/numbered/", {{"page", "last"}})["data"] == last);
  CHECK(ids(x.list("/numbered/", {{"page", 2}, {"page_size", 9}})["data"]["results"])
        == json{5, 6, 7});
  for (const auto& page :
       {json(0), json(4), json("x"), json(-1), json::array(), json(9223372036854775807)}) {
    auto reply = x.list("/numbered/", {{"page", page}});
    CHECK(reply["response_status"] == 404);
    CHECK(reply["errors"] == json{"Invalid page."});
  }
}

TEST_CASE("an empty list has a first page", "[pagination]") {
  dcrf::test_server server{consumer_test::all_models()};
  server.websocket<numbered>("/numbered/");
  for (const auto& page : {json(1), json("last")}) {
    auto client = server.connect("/numbered/");
    client.send({{"action", "list"}, {"page", page}});
    auto data = client.receive()["data"];
    CHECK(data
          == json{
              {"count", 0}, {"next", nullptr}, {"previous", nullptr}, {"results", json::array()}});
  }
}

TEST_CASE("cursors go on where a page has ended, whatever was added", "[pagination]") {
  bench x;
  for (const auto* text : {"a", "b", "b", "b", "c"}) {
    stored(x.server, note{.text = text});
  }
  auto first = x.list("/newest/")["data"];
  CHECK(ids(first["results"]) == json{5, 2});
  CHECK(first["previous"] == nullptr);
  stored(x.server, note{.text = "d"});
  auto second = x.list("/newest/", {{"cursor", first["next"]}})["data"];
  CHECK(ids(second["results"]) == json{3, 4});
  auto third = x.list("/newest/", {{"cursor", second["next"]}})["data"];
  CHECK(ids(third["results"]) == json{1});
  CHECK(third["next"] == nullptr);
  auto back = x.list("/newest/", {{"cursor", third["previous"]}})["data"];
  CHECK(back == second);
  auto start = x.list("/newest/", {{"cursor", second["previous"]}})["data"];
  CHECK(ids(start["results"]) == json{5, 2});
  auto added = x.list("/newest/", {{"cursor", start["previous"]}})["data"];
  CHECK(ids(added["results"]) == json{6});
  CHECK(added["previous"] == nullptr);
}

TEST_CASE("what is no cursor finds nothing", "[pagination]") {
  bench x;
  for (const auto& cursor :
       {json("x"), json(1), json::object(), json::array(), json{{"after", 1}},
        json{{"after", {"a"}}}, json{{"after", {"a", "b"}}}, json{{"after", {nullptr, 1}}},
        json{{"after", {"a", 1}}, {"before", {"a", 1}}}}) {
    auto reply = x.list("/newest/", {{"cursor", cursor}});
    CHECK(reply["response_status"] == 404);
    CHECK(reply["errors"] == json{"Invalid cursor"});
  }
}

TEST_CASE("a streamed list sends every page", "[pagination]") {
  bench x;
  auto client = x.server.connect("/streamed/");
  client.send({{"action", "list"}, {"request_id", 1}, {"offset", 1}});
  for (auto offset : {1, 3, 5}) {
    auto got = client.receive();
    CHECK(got["action"] == "list");
    CHECK(got["request_id"] == 1);
    CHECK(got["data"]["offset"] == offset);
    CHECK(ids(got["data"]["results"]) == json{offset + 1, offset + 2});
  }
  client.send({{"action", "retrieve"}, {"pk", 1}});
  CHECK(client.receive()["action"] == "retrieve");
}

TEST_CASE("streamed lists run side by side until they are cancelled", "[pagination]") {
  bench x;
  auto client = x.server.connect("/streamed/");
  client.send({{"action", "list"}, {"request_id", "a"}});
  client.send({{"action", "list"}, {"request_id", "b"}});
  client.send({{"action", "retrieve"}, {"pk", 1}, {"request_id", "c"}});
  CHECK(client.receive()["request_id"] == "c");
  auto first = client.receive()["request_id"];
  auto second = client.receive()["request_id"];
  CHECK(first != second);
  client.send({{"action", "list_cancel"}, {"request_id", "d"}});
  auto cancelled = client.receive();
  CHECK(cancelled["request_id"] == "d");
  CHECK(cancelled["response_status"] == 200);
  CHECK(cancelled["data"] == nullptr);
  client.send({{"action", "list"}, {"request_id", "e"}, {"offset", 6}});
  CHECK(client.receive()["request_id"] == "e");
}

} // namespace consumer_test::paging
