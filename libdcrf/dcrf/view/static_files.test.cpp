#include "dcrf/view/static_files.hpp"

#include "dcrf/testing/test_server.hpp"

#include <boost/beast/zlib/inflate_stream.hpp>
#include <boost/crc.hpp>
#include <catch2/catch.hpp>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace static_files_tests {

namespace {

using pairs = dcrf::scope::pairs;

const std::string script = [] {
  std::string result;
  for (int i = 0; i < 100; ++i) {
    result += "export const answer = 42;\n";
  }
  return result;
}();

dcrf::static_files files() {
  dcrf::static_files result{{{"X-Content-Type-Options", "nosniff"}}};
  result.add("app.js", "text/javascript", script);
  result.add("some/digits.bin", "application/octet-stream", "0123456789");
  return result;
}

struct file_server {
  file_server() {
    server.authenticate(
        [](const dcrf::scope&, const dcrf::runtime&) -> dcrf::task<dcrf::user_info> {
          throw std::runtime_error("nobody should be asked for");
        });
    server.static_files("/static/", files());
  }

  dcrf::http_response get(std::string_view path, pairs headers = {},
                          std::string_view method = "GET") {
    dcrf::http_request request;
    request.method = method;
    request.scope.headers = std::move(headers);
    return server.fetch(path, std::move(request));
  }

  dcrf::test_server server{dcrf::schema{}};
};

std::string header(const dcrf::http_response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

std::string gunzip(const std::string& body) {
  namespace zlib = boost::beast::zlib;
  REQUIRE(body.size() > 18);
  std::string result(script.size() + 1, '\0');
  zlib::inflate_stream stream;
  zlib::z_params x;
  x.next_in = body.data() + 10;
  x.avail_in = body.size() - 18;
  x.next_out = result.data();
  x.avail_out = result.size();
  boost::beast::error_code ec;
  stream.write(x, zlib::Flush::finish, ec);
  result.resize(x.total_out);
  std::uint32_t sum = 0;
  std::uint32_t size = 0;
  std::memcpy(&sum, body.data() + body.size() - 8, 4);
  std::memcpy(&size, body.data() + body.size() - 4, 4);
  boost::crc_32_type expected;
  expected.process_bytes(result.data(), result.size());
  CHECK(sum == expected.checksum());
  CHECK(size == result.size());
  return result;
}

} // namespace

TEST_CASE("a file is answered as it is, to everybody", "[static_files]") {
  file_server x;
  auto response = x.get("/static/app.js");
  CHECK(response.status == 200);
  CHECK(response.body == script);
  CHECK(header(response, "Content-Type") == "text/javascript");
  CHECK(header(response, "Cache-Control") == "no-cache");
  CHECK(header(response, "X-Content-Type-Options") == "nosniff");
  CHECK(header(response, "Vary") == "Accept-Encoding");
  CHECK(header(response, "Content-Encoding").empty());
  CHECK(x.get("/static/some/digits.bin").body == "0123456789");
  CHECK(x.get("/static/none.js").status == 404);
  CHECK(x.get("/static/../app.js").status == 404);
  CHECK(x.get("/static/app.js", {}, "POST").status == 405);
  CHECK(x.get("/static/app.js", {}, "HEAD").status == 200);
}

TEST_CASE("texts are sent compressed to who accepts it", "[static_files]") {
  file_server x;
  for (const auto* accepted : {"gzip", "deflate, gzip;q=0.5", "br,gzip"}) {
    CAPTURE(accepted);
    auto response = x.get("/static/app.js", {{"accept-encoding", accepted}});
    CHECK(header(response, "Content-Encoding") == "gzip");
    CHECK(response.body.size() < script.size() / 10);
    CHECK(gunzip(response.body) == script);
    CHECK(header(response, "ETag") != header(x.get("/static/app.js"), "ETag"));
  }
  for (const auto* accepted : {"identity", "gzip;q=0", "gzip; q=0.000", "xgzip", ""}) {
    CAPTURE(accepted);
    CHECK(x.get("/static/app.js", {{"accept-encoding", accepted}}).body == script);
  }
  // What would not become smaller is left as it is.
  auto digits = x.get("/static/some/digits.bin", {{"accept-encoding", "gzip"}});
  CHECK(digits.body == "0123456789");
  CHECK(header(digits, "Vary").empty());
}

TEST_CASE("who has a file already is told so", "[static_files]") {
  file_server x;
  auto etag = header(x.get("/static/app.js"), "ETag");
  auto compressed = header(x.get("/static/app.js", {{"accept-encoding", "gzip"}}), "ETag");
  for (const auto& known : {etag, "\"other\", " + etag, "W/" + etag, std::string{"*"}}) {
    CAPTURE(known);
    auto response = x.get("/static/app.js", {{"if-none-match", known}});
    CHECK(response.status == 304);
    CHECK(response.body.empty());
    CHECK(header(response, "ETag") == etag);
    CHECK(header(response, "Cache-Control") == "no-cache");
  }
  CHECK(x.get("/static/app.js", {{"if-none-match", "\"other\""}}).status == 200);
  CHECK(x.get("/static/app.js", {{"if-none-match", compressed}}).status == 200);
  pairs both{{"if-none-match", compressed}, {"accept-encoding", "gzip"}};
  CHECK(x.get("/static/app.js", both).status == 304);
  // The same bytes have the same tag, others another.
  dcrf::static_files later;
  later.add("app.js", "text/javascript", script).add("new.js", "text/javascript", script + ";");
  dcrf::http_request request;
  CHECK(header(later.answer(request, "app.js"), "ETag") == etag);
  CHECK(header(later.answer(request, "new.js"), "ETag") != etag);
}

TEST_CASE("a range of bytes is answered alone", "[static_files]") {
  file_server x;
  auto part = [&](const std::string& range, pairs headers = {}) {
    headers.emplace_back("range", range);
    return x.get("/static/some/digits.bin", std::move(headers));
  };
  auto is = [&](const std::string& range, const std::string& body, const std::string& said) {
    CAPTURE(range);
    auto response = part(range);
    CHECK(response.status == 206);
    CHECK(response.body == body);
    CHECK(header(response, "Content-Range") == "bytes " + said + "/10");
  };
  is("bytes=0-0", "0", "0-0");
  is("bytes=2-4", "234", "2-4");
  is("bytes=7-", "789", "7-9");
  is("bytes=-2", "89", "8-9");
  is("bytes=5-99", "56789", "5-9");
  is("bytes=-99", "0123456789", "0-9");
  for (const auto* range : {"bytes=10-", "bytes=10-12", "bytes=-0"}) {
    CAPTURE(range);
    auto response = part(range);
    CHECK(response.status == 416);
    CHECK(response.body.empty());
    CHECK(header(response, "Content-Range") == "bytes */10");
  }
  // What is no range, or several, is ignored.
  for (const auto* range : {"bytes=4-2", "bytes=a-b", "bytes=1-2,4-5", "lines=1-2",
                            "bytes=", "bytes=-", "bytes=1-99999999999999999999", "bytes"}) {
    CAPTURE(range);
    CHECK(part(range).status == 200);
    CHECK(part(range).body == "0123456789");
  }
  auto etag = header(x.get("/static/some/digits.bin"), "ETag");
  CHECK(part("bytes=2-4", {{"if-range", etag}}).body == "234");
  CHECK(part("bytes=2-4", {{"if-range", "\"other\""}}).body == "0123456789");
  // Of a text it is a range of what it is uncompressed.
  pairs of_text{{"range", "bytes=0-5"}, {"accept-encoding", "gzip"}};
  auto response = x.get("/static/app.js", of_text);
  CHECK(response.body == "export");
  CHECK(header(response, "Content-Encoding").empty());
}

TEST_CASE("a folder is added as it is, but for what is hidden", "[static_files]") {
  namespace fs = std::filesystem;
  auto folder = fs::temp_directory_path() / "dcrf-static-files";
  fs::remove_all(folder);
  fs::create_directories(folder / "css");
  fs::create_directories(folder / ".git");
  auto write = [&](const char* name) { std::ofstream{folder / name} << "body of " << name; };
  for (const auto* name : {"index.html", "css/site.css", ".env", ".git/config", "LICENSE"}) {
    write(name);
  }
  fs::create_symlink("/etc/passwd", folder / "passwd");
  dcrf::static_files added;
  added.add_folder(folder);
  dcrf::http_request request;
  auto media_type = [&](const char* name) {
    return header(added.answer(request, name), "Content-Type");
  };
  CHECK(media_type("index.html") == "text/html; charset=utf-8");
  CHECK(media_type("css/site.css") == "text/css; charset=utf-8");
  CHECK(media_type("LICENSE") == "application/octet-stream");
  CHECK(added.answer(request, "css/site.css").body == "body of css/site.css");
  for (const auto* name : {".env", ".git/config", "passwd", "css", ""}) {
    CAPTURE(name);
    CHECK(added.answer(request, name).status == 404);
  }
  fs::remove_all(folder);
  CHECK_THROWS_AS(added.add_folder(folder), fs::filesystem_error);
  CHECK_THROWS_AS(added.handler("none.html"), std::invalid_argument);
}

TEST_CASE("what is asked for in vain can be answered by a handler", "[static_files]") {
  file_server x;
  x.server.not_found(
      [](dcrf::http_request& request, const dcrf::runtime&) -> dcrf::task<dcrf::http_response> {
        co_return dcrf::http_response::with(404, "text/plain", request.scope.path + " is not here");
      });
  CHECK(x.get("/nowhere").body == "/nowhere is not here");
  CHECK(x.get("/nowhere", {}, "POST").status == 404);
  CHECK(x.get("/static/app.js").status == 200);
  CHECK(x.get("/static/app.js", {}, "POST").status == 405);
}

} // namespace static_files_tests
