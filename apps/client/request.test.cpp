#include "client/request.hpp"

#include <catch2/catch.hpp>

#include <vector>

#include "client/errors.hpp"

namespace request_tests {

using client::request_maker;

namespace {

std::string text_of(const std::vector<std::string>& words) {
  return request_maker{}.from_words(words).text;
}

} // namespace

TEST_CASE("a request has an action, arguments and an id") {
  CHECK(text_of({"list"}) == R"({"action":"list","request_id":1})");
  CHECK(text_of({"list", "limit=5", "search=grey heron"})
        == R"({"action":"list","limit":5,"search":"grey heron","request_id":1})");
}

TEST_CASE("values are JSON where they can be, else text") {
  CHECK(text_of({"x", "a=true", "b=null", "c=[1, 2]", "d={\"e\": 1.5}"})
        == R"({"action":"x","a":true,"b":null,"c":[1,2],"d":{"e":1.5},"request_id":1})");
  CHECK(text_of({"x", "a=", "b=007", "c=\"5\"", "d=x=y", "e=[1"})
        == R"({"action":"x","a":"","b":"007","c":"5","d":"x=y","e":"[1","request_id":1})");
}

TEST_CASE("no digit of a number is lost") {
  CHECK(text_of({"x", "a=18446744073709551615", "b=18446744073709551616", "c=0.1"})
        == R"({"action":"x","a":18446744073709551615,"b":"18446744073709551616","c":0.1,)"
           R"("request_id":1})");
}

TEST_CASE("dots lead into objects") {
  CHECK(text_of({"create", "data.text=Buy milk", "data.at.day=1"})
        == R"({"action":"create","data":{"text":"Buy milk","at":{"day":1}},"request_id":1})");
}

TEST_CASE("arguments may be a JSON object") {
  CHECK(text_of({"create", R"({"data": {"text": "a"}})", "pk=1"})
        == R"({"action":"create","data":{"text":"a"},"pk":1,"request_id":1})");
}

TEST_CASE("a whole request may be JSON") {
  CHECK(text_of({R"({"action": "list", "request_id": "w"})"})
        == R"({"action":"list","request_id":"w"})");
  CHECK(text_of({R"({"action": "list"})"}) == R"({"action":"list","request_id":1})");
}

TEST_CASE("each request has an id of its own, unless it brings one") {
  request_maker maker;
  CHECK(maker.from_line("list").id == "1");
  CHECK(maker.from_line("watch request_id=w").id == R"("w")");
  CHECK(maker.from_line(R"(  {"action": "list"})").id == "2");
}

TEST_CASE("a stream has its envelope") {
  request_maker maker{"users"};
  auto made = maker.from_line("list limit=1");
  CHECK(made.text == R"({"stream":"users","payload":{"action":"list","limit":1,"request_id":1}})");
  CHECK(made.id == "1");
}

TEST_CASE("an envelope that was typed is kept") {
  auto made = request_maker{}.from_line(R"({"stream": "users", "payload": {"action": "list"}})");
  CHECK(made.text == R"({"stream":"users","payload":{"action":"list","request_id":1}})");
}

TEST_CASE("what is no request is refused") {
  auto deep = "x=" + std::string(100'000, '[');
  CHECK(text_of({"x", deep}).size() > deep.size());
  for (const auto& words : std::vector<std::vector<std::string>>{{},
                                                                 {"list", "limit"},
                                                                 {"list", "=5"},
                                                                 {"list", "a..b=1"},
                                                                 {"list", ".a=1"},
                                                                 {"list", "a=1", "a=2"},
                                                                 {"list", "a=1", "a.b=2"},
                                                                 {"list", "action=x"},
                                                                 {"list", "{\"a\": "},
                                                                 {"{\"action\": \"list\"}", "a=1"},
                                                                 {"{\"action\": "},
                                                                 {"list", "a=\xff"}}) {
    INFO((words.empty() ? "" : words.back()));
    CHECK_THROWS_AS(text_of(words), client::usage_error);
  }
  CHECK_THROWS_AS(request_maker{}.from_line(""), client::usage_error);
  CHECK_THROWS_AS(request_maker{}.from_line("create 'x"), client::usage_error);
}

} // namespace request_tests
