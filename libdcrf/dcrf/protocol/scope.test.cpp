#include "dcrf/protocol/scope.hpp"

#include <catch2/catch.hpp>

namespace scope_tests {

using dcrf::scope;

namespace {

std::optional<std::string> query(const std::string& text, std::string_view name) {
  scope x;
  x.query_string = text;
  return x.query(name);
}

std::optional<std::string_view> cookie(const scope& x, std::string_view name) {
  return x.cookie(name);
}

} // namespace

TEST_CASE("query parameters are percent-decoded, and the last one counts", "[scope]") {
  CHECK(query("user=ann", "user") == "ann");
  CHECK(query("user=ann&user=bob", "user") == "bob");
  CHECK(query("a=1&user=%C3%BCn+%2B%26%3d&b=2", "user") == "\xc3\xbcn +&=");
  CHECK(query("us%65r=x", "user") == "x");
  CHECK(query("user=a=b", "user") == "a=b");
  CHECK(query("user=", "user") == "");
  CHECK(query("user", "user") == "");
  CHECK(query("user=%00", "user") == std::string(1, '\0'));
}

TEST_CASE("a query parameter that is not there is none", "[scope]") {
  CHECK_FALSE(query("", "user"));
  CHECK_FALSE(query("users=1&xuser=2&User=3", "user"));
  CHECK_FALSE(query("&&", "user"));
}

TEST_CASE("a malformed part of a query spoils no other", "[scope]") {
  CHECK(query("x=[|]\"^&user=ann", "user") == "ann");
  CHECK(query("x=%&user=ann&y=%zz", "user") == "ann");
  CHECK(query("user=100%", "user") == "100%");
  CHECK(query("user=%4", "user") == "%4");
  CHECK(query("user=%zz%41", "user") == "%zzA");
  CHECK(query("user=\xff", "user") == "\xff");
}

TEST_CASE("the first of a header's values counts", "[scope]") {
  scope x;
  x.headers = {{"host", "example.com"}, {"host", "other"}, {"empty", ""}};
  CHECK(x.header("host") == "example.com");
  CHECK(x.header("empty") == "");
  CHECK_FALSE(x.header("cookie"));
}

TEST_CASE("cookies come from all headers of that name", "[scope]") {
  scope x;
  x.headers = {{"cookie", "session=abc;theme=dark ;  a=b=c; bad; =x; empty="},
               {"x-cookie", "other=1"},
               {"cookie", "session=later; second=2"}};
  CHECK(cookie(x, "session") == "abc");
  CHECK(cookie(x, "theme") == "dark");
  CHECK(cookie(x, "a") == "b=c");
  CHECK(cookie(x, "empty") == "");
  CHECK(cookie(x, "second") == "2");
  CHECK_FALSE(cookie(x, "bad"));
  CHECK_FALSE(cookie(x, "other"));
  CHECK_FALSE(cookie(x, "sess"));
  CHECK_FALSE(cookie(scope{}, "session"));
}

TEST_CASE("parameters of the route are found by name", "[scope]") {
  scope x;
  x.parameters = {{"number", "7"}, {"name", "lobby"}};
  CHECK(x.parameter("number") == "7");
  CHECK(x.parameter("name") == "lobby");
  CHECK(x.parameter("other").empty());
}

TEST_CASE("who has no key is anonymous", "[scope]") {
  dcrf::user_info x;
  CHECK_FALSE(x.is_authenticated());
  x.pk = 1;
  CHECK(x.is_authenticated());
}

TEST_CASE("all pairs of a query are known, in their order", "[scope]") {
  dcrf::scope x;
  x.query_string = "b=1&&a=x%20y&b=2&flag&=z&c=";
  CHECK(x.query_pairs()
        == dcrf::scope::pairs{
            {"b", "1"}, {"a", "x y"}, {"b", "2"}, {"flag", ""}, {"", "z"}, {"c", ""}});
  CHECK(dcrf::scope{}.query_pairs().empty());
}

TEST_CASE("the subprotocols that a client offers come from all headers of that name", "[scope]") {
  scope x;
  CHECK(x.subprotocols().empty());
  x.headers = {{"sec-websocket-protocol", "chat.v2, chat.v1 ,,"},
               {"sec-websocket-protocol", "other"}};
  CHECK(x.subprotocols() == std::vector<std::string_view>{"chat.v2", "chat.v1", "other"});
}

} // namespace scope_tests
