#include "dcrf/view/form.hpp"

#include "dcrf/protocol/errors.hpp"
#include "dcrf/view/internal/test_items.hpp"
#include "dcrf/view/internal/unsupported_media_type.hpp"
#include "dcrf/view/view_request.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>

namespace form_tests {

using dcrf::form;

namespace {

constexpr auto multipart = "multipart/form-data; boundary=x7";

std::string part(const std::string& head, const std::string& content) {
  return "--x7\r\n" + head + "\r\n\r\n" + content + "\r\n";
}

std::string text(const std::string& name, const std::string& content) {
  return part("Content-Disposition: form-data; name=\"" + name + "\"", content);
}

std::string failure(const std::string& body, const std::string& type = multipart) {
  try {
    form read{type, body};
    return "none";
  } catch (const dcrf::api_exception& error) {
    return std::to_string(error.status()) + ' ' + error.text();
  }
}

} // namespace

TEST_CASE("a form has texts and files", "[form]") {
  auto file = part(
      "content-disposition: form-data; name=\"photo\"; filename=\"C:\\me\\a \\\"b\\\".png\"\r\n"
      "CONTENT-TYPE: image/png",
      std::string{"\0\r\n--x\r\n--x8\xff", 13});
  auto plain =
      part("Content-Disposition: form-data; name=notes; filename*=UTF-8''na%C3%AFve.txt", "");
  auto none = part("Content-Disposition: form-data; name=\"other\"; filename=\"\"", "");
  auto body = "This is ignored.\r\n" + text("title", "Grey\r\nherons") + file + text("tag", "a")
              + text("tag", "b") + plain + none + "--x7--\r\nand so is this";
  form read{multipart, body};
  CHECK(read.text("title") == "Grey\r\nherons");
  CHECK(read.text("tag") == "b");
  CHECK_FALSE(read.text("photo"));
  CHECK(read.data().str() == R"({"title":"Grey\r\nherons","tag":["a","b"]})");
  REQUIRE(read.files().size() == 2);
  const auto* photo = read.file("photo");
  REQUIRE(photo != nullptr);
  CHECK(photo->name == "a \"b\".png");
  CHECK(photo->content_type == "image/png");
  CHECK(photo->bytes == std::string{"\0\r\n--x\r\n--x8\xff", 13});
  CHECK(photo->bytes.data() > body.data());
  CHECK(read.file("notes")->name == "na\xc3\xafve.txt");
  CHECK(read.file("notes")->content_type == "application/octet-stream");
  CHECK(read.file("other") == nullptr);
}

TEST_CASE("a form without parts is empty", "[form]") {
  CHECK(form{multipart, "--x7--"}.texts().empty());
  CHECK(form{"multipart/form-data; boundary=\"x7\"", text("a", "") + "--x7--\r\n"}.text("a") == "");
}

TEST_CASE("a form of a page may be in the form of a query", "[form]") {
  form read{"application/x-www-form-urlencoded; charset=utf-8", "a=1+2&b=%C3%BC&a=3"};
  CHECK(read.text("a") == "3");
  CHECK(read.data().str() == "{\"a\":[\"1 2\",\"3\"],\"b\":\"\xc3\xbc\"}");
}

TEST_CASE("what is no form is refused", "[form]") {
  CHECK(failure("{}", "application/json")
        == "415 Unsupported media type \"application/json\" in request.");
  auto prefix = std::string{"400 Multipart form parse error - "};
  CHECK(failure("", multipart) == prefix + "there is no part.");
  CHECK(failure("--x7", multipart) == prefix + "a boundary is followed by no part.");
  CHECK(failure(text("a", "b"), multipart) == prefix + "the end is missing.");
  CHECK(failure("--x7\r\nContent-Disposition: form-data; name=a\r\n\r\nb")
        == prefix + "the end is missing.");
  CHECK(failure("--x7\r\nContent-Disposition: form-data; name=a\r\n--x7--")
        == prefix + "what is said about a part does not end, or is too long.");
  CHECK(failure(part("X: y", "") + "--x7--") == prefix + "a part has no name.");
  CHECK(failure(
            part("Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64", "")
            + "--x7--")
        == prefix + "parts come as they are, and not in base64.");
  CHECK(failure("--\r\n", "multipart/form-data")
        == prefix + "the boundary is missing or too long.");
  CHECK(failure("", "multipart/form-data; boundary=" + std::string(71, 'x'))
        == prefix + "the boundary is missing or too long.");
  CHECK(failure(text("a", "\xff") + "--x7--") == "400 Form parse error - a text is no UTF-8.");
}

TEST_CASE("what one form may hold is bounded", "[form]") {
  std::string body;
  for (std::size_t i = 0; i < form::most_parts; ++i) {
    body += text("a", "");
  }
  CHECK(failure(body + "--x7--") == "none");
  CHECK(failure(body + text("a", "") + "--x7--")
        == "400 Multipart form parse error - there are too many parts.");
  CHECK(failure(std::string(form::most_parts, '&'), "application/x-www-form-urlencoded")
        == "400 Form parse error - there are too many fields.");
  auto long_head =
      "Content-Disposition: form-data; name=" + std::string(form::most_header_bytes, 'a');
  CHECK(failure(part(long_head, "") + "--x7--")
        == "400 Multipart form parse error - what is said about a part does not end, or is too "
           "long.");
}

TEST_CASE_METHOD(view_test::bench, "a view that takes a form has its texts as data", "[form]") {
  dcrf::http_request request;
  request.scope.headers = {{"content-type", multipart}};
  request.body = text("name", "lamp") + "--x7--";
  dcrf::view_request asking{request, server.runtime()};
  CHECK_THROWS_AS(asking.data(), dcrf::unsupported_media_type);
  CHECK(asking.form().text("name") == "lamp");
  CHECK(asking.data().str() == R"({"name":"lamp"})");
}

} // namespace form_tests
