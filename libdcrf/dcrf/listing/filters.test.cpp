#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/consumer/model_consumer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::json;

namespace consumer_test::filtering {

class notes : public dcrf::model_consumer<notes, note, note_serializer, dcrf::list_model,
                                          dcrf::retrieve_model> {
public:
  using filterset_fields = dcrf::filterset_fields<
      dcrf::filter_by<&note::text>, dcrf::filter_by<&note::author, "exact", "in", "isnull">,
      dcrf::filter_by<&note::id, "gt", "lte">,
      dcrf::filter_by<dcrf::column<&note::author, &author::name>, "icontains">>;
  using search_fields =
      dcrf::search_fields<&note::text, dcrf::column<&note::author, &author::name>>;
  using ordering_fields =
      dcrf::ordering_fields<&note::text, dcrf::column<&note::author, &author::name>>;
};

struct bench {
  bench() {
    server.websocket<notes>("/notes/");
    stored(server, author{.name = "Ann"});
    stored(server, author{.name = "Bob"});
    stored(server, note{.text = "red apple", .author = 1});
    stored(server, note{.text = "green apple", .author = 2});
    stored(server, note{.text = "red herring", .author = 2});
    stored(server, note{.text = "50% off"});
  }

  json list(json arguments) {
    auto client = server.connect("/notes/");
    arguments["action"] = "list";
    client.send(arguments);
    return client.receive();
  }

  json ids(json arguments) {
    auto result = json::array();
    auto reply = list(std::move(arguments));
    for (const auto& x : reply["data"]) {
      result.push_back(x["id"]);
    }
    return result;
  }

  dcrf::test_server server{all_models()};
};

} // namespace consumer_test::filtering

using consumer_test::filtering::bench;

TEST_CASE("declared fields filter a list", "[filters]") {
  bench x;
  CHECK(x.ids({}) == json{1, 2, 3, 4});
  CHECK(x.ids({{"text", "red apple"}}) == json{1});
  CHECK(x.ids({{"author", 2}}) == json{2, 3});
  CHECK(x.ids({{"author", "2"}}) == json{2, 3});
  CHECK(x.ids({{"author", 2}, {"id__gt", 2}}) == json{3});
  CHECK(x.ids({{"id__lte", 2}}) == json{1, 2});
  CHECK(x.ids({{"author__in", {1, 7}}}) == json{1});
  CHECK(x.ids({{"author__in", json::array()}}) == json::array());
  CHECK(x.ids({{"author__in", "1,7"}}) == json{1});
  CHECK(x.ids({{"author__isnull", "true"}}) == json{4});
  CHECK(x.ids({{"author__isnull", true}}) == json{4});
  CHECK(x.ids({{"author__isnull", false}}) == json{1, 2, 3});
  CHECK(x.ids({{"author__name__icontains", "BO"}}) == json{2, 3});
}

TEST_CASE("what is not declared, null or blank does not filter", "[filters]") {
  bench x;
  CHECK(x.ids({{"id", 1}}).size() == 4);
  CHECK(x.ids({{"text__icontains", "red"}}).size() == 4);
  CHECK(x.ids({{"text", ""}, {"author", nullptr}}).size() == 4);
}

TEST_CASE("operands of the wrong type are named, all of them", "[filters]") {
  bench x;
  auto reply = x.list(
      {{"author", true}, {"id__gt", "x"}, {"author__isnull", 3}, {"author__in", 3}, {"text", {1}}});
  CHECK(reply["response_status"] == 400);
  auto errors = reply["errors"][0];
  CHECK(errors["author"] == json{"Incorrect type. Expected pk value, received bool."});
  CHECK(errors["id__gt"] == json{"A valid integer is required."});
  CHECK(errors["author__isnull"] == json{"Must be a valid boolean."});
  CHECK(errors["author__in"] == json{"Expected a list of items."});
  CHECK(errors["text"] == json{"Not a valid string."});
}

TEST_CASE("every word has to be in one of the search fields", "[filters]") {
  bench x;
  CHECK(x.ids({{"search", "apple"}}) == json{1, 2});
  CHECK(x.ids({{"search", " RED  bob "}}) == json{3});
  CHECK(x.ids({{"search", "apple,ann"}}) == json{1});
  CHECK(x.ids({{"search", "%"}}) == json{4});
  CHECK(x.ids({{"search", "_"}}) == json::array());
  CHECK(x.ids({{"search", ""}}).size() == 4);
  CHECK(x.ids({{"search", 5}}).size() == 4);
}

TEST_CASE("a list is ordered by the declared fields that are asked for", "[filters]") {
  bench x;
  CHECK(x.ids({{"ordering", "text"}}) == json{4, 2, 1, 3});
  CHECK(x.ids({{"ordering", "-text"}}) == json{3, 1, 2, 4});
  CHECK(x.ids({{"ordering", "-author__name, text"}, {"author__isnull", false}}) == json{2, 3, 1});
  CHECK(x.ids({{"ordering", "id,password,-"}}) == json{1, 2, 3, 4});
  CHECK(x.ids({{"ordering", {"text"}}}) == json{1, 2, 3, 4});
}

TEST_CASE("filters are for lists alone", "[filters]") {
  bench x;
  auto client = x.server.connect("/notes/");
  client.send({{"action", "retrieve"}, {"pk", 1}, {"text", "other"}});
  CHECK(client.receive()["response_status"] == 200);
}
