#include "dcrf/consumer/consumer.hpp"
#include "dcrf/testing/test_server.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace action_tests {

using dcrf::json;
using dcrf::response;
using dcrf::task;

namespace {

enum class color { red, green };
BOOST_DESCRIBE_ENUM(color, red, green)

struct place {
  std::int64_t x{};
  std::optional<std::int64_t> y;
};
BOOST_DESCRIBE_STRUCT(place, (), (x, y))

class acting_consumer : public dcrf::api_consumer<acting_consumer> {
public:
  task<response> paint(std::int64_t pk, std::optional<std::string> note, color with) {
    co_await runtime().sleep(std::chrono::milliseconds{1});
    co_return response::ok(
        json{{"pk", pk}, {"note", note ? json(*note) : json{}}, {"red", with == color::red}});
  }
  response join(std::vector<std::string> words, dcrf::request& req) {
    std::string all;
    for (const auto& word : words) {
      all += word;
    }
    return response::ok(json{{"all", all}, {"action", req.action()}});
  }
  response keep(json tree, dcrf::json_text text) {
    return response::ok(json{{"tree", tree}, {"text", text.str()}});
  }
  response go(place to) { return response::ok(json(to.x + to.y.value_or(0))); }
  response everything(json all) { return response::ok(all); }
  // What is passed by reference is there until an ordinary function ends.
  response length(const std::string& text) { return response::ok(json(text.size())); }
  std::optional<response> silent(const dcrf::request&) { return std::nullopt; }
  response own() const noexcept { return {}; }

  using actions = dcrf::actions<
      dcrf::action<&acting_consumer::paint, "pk", "note", "with">,
      dcrf::detached_action<"paint later", &acting_consumer::paint, "id", "text", "color">,
      dcrf::atomic_action<"paint.whole", &acting_consumer::paint, "pk", "note", "with">,
      dcrf::action<&acting_consumer::join, "words">,
      dcrf::action<&acting_consumer::keep, "tree", "text">, dcrf::action<&acting_consumer::go>,
      dcrf::action<&acting_consumer::everything>, dcrf::action<&acting_consumer::length, "text">,
      dcrf::action<&acting_consumer::silent>, dcrf::action<"other", &acting_consumer::own>>;
};

// The reply to a request: its data, or its status and errors.
std::string answer(const std::string& request) {
  dcrf::test_server server{dcrf::schema{}};
  server.websocket<acting_consumer>("/ws/");
  auto session = server.connect("/ws/");
  session.send(json::parse(request));
  auto reply = session.receive();
  return reply["errors"].empty() ? reply["data"].dump()
                                 : reply["response_status"].dump() + ' ' + reply["errors"].dump();
}

} // namespace

TEST_CASE("an action has the name of its method, or its own", "[action]") {
  const auto& known = acting_consumer::describe();
  std::vector<std::string_view> names;
  for (const auto& x : known.actions) {
    names.push_back(x.name);
  }
  CHECK(names
        == std::vector<std::string_view>{"paint", "paint later", "paint.whole", "join", "keep",
                                         "go", "everything", "length", "silent", "other"});
  CHECK(known.find("paint later")->is_detached);
  CHECK_FALSE(known.find("paint later")->is_atomic);
  CHECK(known.find("paint.whole")->is_atomic);
  CHECK_FALSE(known.find("paint")->is_detached);
}

TEST_CASE("the parameters of a method are arguments of the request", "[action]") {
  CHECK(answer(R"({"action": "paint", "pk": "7", "note": "n", "with": "red"})")
        == R"({"note":"n","pk":7,"red":true})");
  CHECK(answer(R"({"action": "paint", "pk": 7, "with": "green"})")
        == R"({"note":null,"pk":7,"red":false})");
  CHECK(answer(R"({"action": "paint.whole", "pk": 7, "note": null, "with": "green"})")
        == R"({"note":null,"pk":7,"red":false})");
  CHECK(answer(R"({"action": "paint later", "id": 1, "text": "t", "color": "red"})")
        == R"({"note":"t","pk":1,"red":true})");
  CHECK(answer(R"({"action": "join", "words": ["a", "b"]})") == R"({"action":"join","all":"ab"})");
  CHECK(answer(R"({"action": "keep", "tree": {"a": 1}, "text": [1.0]})")
        == R"({"text":"[1.0]","tree":{"a":1}})");
  CHECK(answer(R"({"action": "length", "text": "four"})") == "4");
  CHECK(answer(R"({"action": "other"})") == "null");
}

TEST_CASE("all that is wrong with the arguments is told, by their names", "[action]") {
  CHECK(answer(R"({"action": "paint", "note": [], "with": "blue"})")
        == R"(400 [{"note":["Not a valid string."],"pk":["This field is required."],)"
           R"("with":["\"blue\" is not a valid choice."]}])");
  CHECK(answer(R"({"action": "paint later", "pk": 1, "text": "t", "color": "red"})")
        == R"(400 [{"id":["This field is required."]}])");
  CHECK(answer(R"({"action": "join", "words": "a"})")
        == R"(400 [{"words":["Expected a list of items."]}])");
}

TEST_CASE("arguments may be members of one struct, or a tree", "[action]") {
  CHECK(answer(R"({"action": "go", "x": 1, "y": 2})") == "3");
  CHECK(answer(R"({"action": "go"})") == R"(400 [{"x":["This field is required."]}])");
  CHECK(answer(R"({"action": "everything", "x": 1, "request_id": 7})") == R"({"x":1})");
}

} // namespace action_tests
