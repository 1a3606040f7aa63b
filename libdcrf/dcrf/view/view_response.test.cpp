#include "dcrf/view/view_response.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace view_response_tests {

using dcrf::view_response;

TEST_CASE("a view answers data with a status", "[view_response]") {
  auto created = view_response::created(dcrf::json{{"id", 1}});
  CHECK(created.status() == 201);
  CHECK(created.body() == R"({"id":1})");
  CHECK(created.media_type() == "application/json");
  CHECK(created.data().str() == created.body());
  CHECK(view_response::accepted().status() == 202);
  CHECK(view_response::detail(418, "a \"pot\"").body() == R"({"detail":"a \"pot\""})");
}

TEST_CASE("an answer without content has none, and is null to a consumer's client",
          "[view_response]") {
  for (const auto& x : {view_response{}, view_response::no_content(), view_response::ok()}) {
    CHECK(x.body().empty());
    CHECK(x.media_type().empty());
    CHECK(x.data().is_null());
  }
  CHECK(view_response::no_content().status() == 204);
}

TEST_CASE("a text is a string to a consumer's client, JSON or not", "[view_response]") {
  auto text = view_response::text("\xc3\xbc \"x\"", 203);
  CHECK(text.status() == 203);
  CHECK(text.body() == "\xc3\xbc \"x\"");
  CHECK(text.media_type() == "text/plain; charset=utf-8");
  CHECK(text.data().str() == "\"\xc3\xbc \\\"x\\\"\"");
  CHECK(view_response::text(R"({"a": 1})").data().to_json() == R"({"a": 1})");
  CHECK(view_response::text("").data().str() == R"("")");
}

TEST_CASE("bytes that are no UTF-8 are hex to a consumer's client", "[view_response]") {
  auto bytes = view_response::bytes(std::string{"\xff\xfe\x00\x01", 4});
  CHECK(bytes.body().size() == 4);
  CHECK(bytes.media_type() == "application/octet-stream");
  CHECK(bytes.data().str() == R"("fffe0001")");
  CHECK(view_response::bytes("plain").data().str() == R"("plain")");
  CHECK(view_response::text("\xc3").data().str() == R"("c3")");
}

TEST_CASE("a header is set once", "[view_response]") {
  auto x = view_response::ok();
  x.header("Location", "/a").header("X-Other", "1").header("Location", "/b");
  CHECK(x.headers() == dcrf::scope::pairs{{"Location", "/b"}, {"X-Other", "1"}});
}

} // namespace view_response_tests
