#include "dcrf/view/view_request.hpp"

#include "dcrf/view/internal/test_items.hpp"
#include "dcrf/view/internal/unsupported_media_type.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::json;
using dcrf::view_request;

namespace view_test::requests {

struct point {
  std::int64_t x{};
  std::optional<std::string> label;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, label))

struct fixture : bench {
  const dcrf::runtime& within = server.runtime();
  dcrf::http_request over_http;

  view_request asked(const std::string& query_string) {
    over_http.scope.query_string = query_string;
    return {over_http, within};
  }

  view_request sent(const std::string& body, const std::string& media_type = "application/json") {
    over_http.body = body;
    over_http.scope.headers = {{"content-type", media_type}};
    return {over_http, within};
  }

  dcrf::request frame{over_http.scope, within.where().reader()};

  view_request framed(const json& x) {
    frame.parse(x.dump());
    return {"GET", frame, within};
  }
};

template <class Function>
std::string failure(Function function) {
  try {
    function();
  } catch (const dcrf::validation_error& error) {
    return error.errors().str();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "none";
}

TEST_CASE_METHOD(fixture, "the query of HTTP has texts, which are read as what is asked for",
                 "[view_request]") {
  auto req = asked("a=1&b=x%20y&a=%33&flag=true&empty=&real=1.5&bad=1x");
  CHECK(req.query("a") == "3");
  CHECK(req.query<std::int64_t>("a") == 3);
  CHECK(req.query_list<std::int64_t>("a") == std::vector<std::int64_t>{1, 3});
  CHECK(req.query("b") == "x y");
  CHECK(req.query<bool>("flag") == true);
  CHECK(req.query<double>("real") == 1.5);
  CHECK(req.query("empty") == "");
  CHECK_FALSE(req.query("missing"));
  CHECK(req.query_list("missing").empty());
  CHECK(req.query().size() == 6);
  CHECK(failure([&] { (void)req.query<std::int64_t>("bad"); })
        == R"([{"bad":["A valid integer is required."]}])");
  CHECK(failure([&] { (void)req.query_list<std::int64_t>("empty"); })
        == R"([{"empty":["A valid integer is required."]}])");
}

TEST_CASE_METHOD(fixture, "a hostile query is only text", "[view_request]") {
  auto req = asked("&&=x&a=%ff%00&deep=" + std::string(100'000, '['));
  CHECK(req.query("") == "x");
  CHECK(req.query("a") == std::string{"\xef\xbf\xbd\0", 4});
  CHECK(failure([&] { (void)req.query<std::int64_t>("deep"); })
        == R"([{"deep":["String value too large."]}])");
}

TEST_CASE_METHOD(fixture, "parameters of a path are looked up, or not found", "[view_request]") {
  over_http.scope.parameters = {{"pk", "7"}, {"name", "x\"y"}};
  auto req = asked("");
  CHECK(req.parameter<std::int64_t>("pk") == 7);
  CHECK(req.parameter("name") == "x\"y");
  CHECK(req.parameters().to_json() == json{{"pk", "7"}, {"name", "x\"y"}});
  CHECK_THROWS_AS(req.parameter<std::int64_t>("name"), dcrf::not_found);
  CHECK_THROWS_AS(req.parameter("other"), dcrf::not_found);
}

TEST_CASE_METHOD(fixture, "the body of HTTP is read as JSON when it is asked for",
                 "[view_request]") {
  CHECK(sent(R"({"x": 1})").data().str() == R"({"x":1})");
  CHECK(sent(" [1]", "Application/JSON ; charset=utf-8").data().str() == "[1]");
  CHECK(sent("", "").data().str() == "{}");
  CHECK(sent("", "text/plain").data().str() == "{}");
  auto typed = sent(R"({"x": 1, "label": "here"})").data<point>();
  CHECK(typed.x == 1);
  CHECK(typed.label == "here");
  CHECK(failure([&] { (void)sent(R"({"x": "one"})").data<point>(); })
        == R"([{"x":["A valid integer is required."]}])");
  CHECK(failure([&] { (void)sent("[]").data<point>(); })
        == R"([{"x":["This field is required."]}])");
}

TEST_CASE_METHOD(fixture, "a body that can't be read is an error", "[view_request]") {
  CHECK(failure([&] { (void)sent("{").data(); }).starts_with("JSON parse error - "));
  CHECK(failure([&] { (void)sent("\"\xff\"").data(); }).starts_with("JSON parse error - "));
  CHECK(failure([&] { (void)sent(std::string(1002, '[') + std::string(1002, ']')).data(); })
        == "JSON parse error - JSON is nested too deep.");
  CHECK_THROWS_AS(sent("{").data(), dcrf::parse_error);
  CHECK_THROWS_AS(sent("{}", "text/plain").data(), dcrf::unsupported_media_type);
  CHECK(failure([&] { (void)sent("{}", "a/b; c").data(); })
        == R"(Unsupported media type "a/b; c" in request.)");
  CHECK(failure([&] { (void)sent("{}", "").data(); })
        == R"(Unsupported media type "" in request.)");
  CHECK(sent("{", "text/plain").body() == "{");
}

TEST_CASE_METHOD(fixture, "a consumer's client sends values of any type", "[view_request]") {
  auto req = framed({{"query", {{"n", 1}, {"l", {1, "2"}}, {"e", json::array()}, {"t", "5"}}},
                     {"parameters", {{"pk", 7}}},
                     {"data", {{"x", 3}}}});
  CHECK(req.method() == "GET");
  CHECK(req.query<std::int64_t>("n") == 1);
  CHECK(req.query_list<std::int64_t>("l") == std::vector<std::int64_t>{1, 2});
  CHECK_FALSE(req.query("e"));
  CHECK(req.query<std::int64_t>("t") == 5);
  CHECK(req.query("n") == "1");
  CHECK(failure([&] { (void)req.query<bool>("t"); }) == R"([{"t":["Must be a valid boolean."]}])");
  CHECK(req.parameter<std::int64_t>("pk") == 7);
  CHECK(req.parameters().str() == R"({"pk":7})");
  CHECK(req.data<point>().x == 3);
}

TEST_CASE_METHOD(fixture, "a consumer's client may leave all out, but not send nonsense",
                 "[view_request]") {
  auto req = framed(json::object());
  CHECK(req.query().empty());
  CHECK(req.parameters().str() == "{}");
  CHECK(req.data().str() == "{}");
  CHECK(framed({{"data", nullptr}}).data().str() == "null");
  CHECK(failure([&] { framed({{"query", json::array()}}); })
        == R"([{"query":["Expected a dictionary of items but got type \"list\"."]}])");
  CHECK(failure([&] { framed({{"parameters", "x"}}); }).find("parameters") != std::string::npos);
  CHECK(failure([&] { framed({{"query", nullptr}}); }).find("query") != std::string::npos);
}

} // namespace view_test::requests
