#include "dcrf/actors/net/internal/http_connection.hpp"

#include "dcrf/actors/net/internal/testing.hpp"

#include <catch2/catch.hpp>

#include <array>

namespace http_connection_tests {

using namespace dcrf::testing;
using namespace std::chrono_literals;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

namespace {

std::string get(std::string_view path, std::string_view headers = {}) {
  return "GET " + std::string{path} + " HTTP/1.1\r\nHost: example.org\r\n" + std::string{headers}
         + "\r\n";
}

std::string post(std::string_view path, std::string_view body) {
  return "POST " + std::string{path} + " HTTP/1.1\r\nHost: example.org\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

std::string chunked(std::string_view body) {
  return "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string{body};
}

} // namespace

TEST_CASE_METHOD(transport_fixture, "a request is handed on with its scope", "[http]") {
  auto peer = client();
  peer.write(get("/a%20b/?x=%31&y", "Cookie: s=1\r\nX-Many: 1\r\nX-Many: 2\r\n"));
  auto [head, body] = peer.read_response();
  CHECK_THAT(head, StartsWith("HTTP/1.1 200 OK\r\n") && Contains("Server: dcrf\r\n")
                       && Contains("Date: ") && Contains("Content-Type: text/plain\r\n")
                       && Contains("Connection: keep-alive\r\n"));
  CHECK(body == "GET /a b/ ");
  REQUIRE(echo->scopes.size() == 1);
  const auto& scope = echo->scopes.front();
  CHECK(scope.query_string == "x=%31&y");
  CHECK(scope.client == "127.0.0.1");
  CHECK(scope.headers
        == dcrf::scope::pairs{
            {"host", "example.org"}, {"cookie", "s=1"}, {"x-many", "1"}, {"x-many", "2"}});
}

TEST_CASE_METHOD(transport_fixture, "a connection is kept for the next request", "[http]") {
  auto peer = client();
  peer.write(get("/1"));
  CHECK(peer.read_response().second == "GET /1 ");
  peer.write(post("/2", "data"));
  CHECK(peer.read_response().second == "POST /2 data");
  peer.write(get("/3", "Connection: close\r\n"));
  auto [head, body] = peer.read_response();
  CHECK(body == "GET /3 ");
  CHECK_THAT(head, Contains("Connection: close\r\n"));
  peer.wait_for_end();
  peer.socket().close();
  check_no_leak();
}

TEST_CASE_METHOD(transport_fixture, "pipelined requests are answered in their order", "[http]") {
  auto peer = client();
  peer.write(get("/later") + get("/2") + get("/later") + get("/4"));
  run_until([this] { return echo->held.size() == 1; });
  run_ready();
  CHECK(echo->scopes.size() == 1);
  echo->held[0](dcrf::http_response::with(200, "text/plain", "first"));
  echo->held[0](dcrf::http_response::with(200, "text/plain", "first again"));
  CHECK(peer.read_response().second == "first");
  CHECK(peer.read_response().second == "GET /2 ");
  run_until([this] { return echo->held.size() == 2; });
  echo->held[1](dcrf::http_response::with(200, "text/plain", "third"));
  CHECK(peer.read_response().second == "third");
  CHECK(peer.read_response().second == "GET /4 ");
}

TEST_CASE_METHOD(transport_fixture, "HEAD is answered without a body", "[http]") {
  auto peer = client();
  peer.write("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n" + get("/next"));
  auto [head, none] = peer.read_response(false);
  CHECK_THAT(head, Contains("Content-Length: 8\r\n"));
  CHECK(peer.read_response().second == "GET /next ");
}

TEST_CASE_METHOD(transport_fixture, "HTTP/1.0 is answered and closed", "[http]") {
  auto peer = client();
  peer.write("GET /old HTTP/1.0\r\n\r\n");
  CHECK_THAT(peer.read_all(), Contains("Connection: close\r\n") && EndsWith("GET /old "));
}

TEST_CASE_METHOD(transport_fixture, "a chunked body is put together", "[http]") {
  auto peer = client();
  peer.write(chunked("3\r\nabc\r\n2;name=value\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n"));
  CHECK(peer.read_response().second == "POST /c abcde");
}

TEST_CASE_METHOD(transport_fixture, "what is neither head nor body is bounded", "[http]") {
  auto endless = GENERATE(
      chunked("2;" + std::string(30'000, 'a')),
      chunked("2\r\n{}\r\n0\r\nX: " + std::string(30'000, 'a')),
      [] {
        auto request = chunked("2\r\n{}\r\n0\r\n");
        for (int i = 0; i < 3000; ++i) {
          request += "X: many\r\n";
        }
        return request;
      }(),
      [] {
        auto request = chunked("");
        for (int i = 0; i < 10; ++i) {
          request += "1;" + std::string(1000, 'a') + "\r\nx\r\n";
        }
        return request;
      }());
  auto peer = client();
  peer.write(endless);
  CHECK_THAT(peer.read_all(), StartsWith("HTTP/1.1 431 "));
  CHECK(echo->scopes.empty());
  peer.socket().close();
  check_no_leak();
}

TEST_CASE_METHOD(transport_fixture, "a client that half-closes gets all of its answers", "[http]") {
  auto peer = client(GENERATE(0, 4096));
  auto requests = get("/1") + get("/big") + get("/3");
  SECTION("behind whole requests") {}
  SECTION("in the middle of a further one") { requests += "GET / HT"; }
  SECTION("in the middle of a further body") {
    requests += "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf";
  }
  peer.write(requests);
  peer.socket().shutdown(tcp_socket::shutdown_send);
  CHECK(peer.read_response().second == "GET /1 ");
  CHECK(peer.read_response().second == std::string(8 * 1024 * 1024, 'b'));
  CHECK(peer.read_response().second == "GET /3 ");
  peer.wait_for_end();
  peer.socket().close();
  check_no_leak();
}

TEST_CASE_METHOD(transport_fixture, "a head that may be read in two ways is refused", "[http]") {
  auto one = [](std::string_view head) {
    return "POST /1 HTTP/1.1\r\nHost: a\r\n" + std::string{head} + "\r\n";
  };
  auto request =
      GENERATE_COPY(std::string{"GET / HTTP/1.1\r\n\r\n"}, one("Host: b\r\n"), one("Host: a\r\n"),
                    std::string{"GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
                    std::string{"GET / HTTP/1.1\r\nHost: user@a\r\n\r\n"},
                    std::string{"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
                    one("Origin: http://a\r\nOrigin: http://evil.test\r\n"),
                    one("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"),
                    one("Content-Length: 2\r\nContent-Length: 2\r\n") + "{}",
                    one("Content-Length: 2, 2\r\n") + "{}", one("Content-Length: +2\r\n") + "{}",
                    one("Transfer-Encoding: xchunked\r\n") + get("/smuggled"),
                    one("Transfer-Encoding: chunked, identity\r\n") + get("/smuggled"),
                    one("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n",
                    one("Transfer-Encoding: identity\r\nContent-Length: 2\r\n") + "{}",
                    one("Transfer-Encoding:\r\n") + get("/smuggled"),
                    std::string{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"});
  auto peer = client();
  peer.write(request + get("/next"));
  auto answer = peer.read_all();
  CHECK_THAT(answer, StartsWith("HTTP/1.1 400 ") && Contains("Connection: close\r\n"));
  CHECK(answer.find("HTTP/1.1", 1) == std::string::npos);
  CHECK(echo->scopes.empty());
}

TEST_CASE_METHOD(transport_fixture, "a client that asks before it sends its body is answered",
                 "[http]") {
  auto peer = client();
  peer.write("POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(peer.read_through("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  peer.write("ok");
  CHECK(peer.read_response().second == "POST /e ok");
}

TEST_CASE_METHOD(transport_fixture, "bad requests are answered with an error, and closed",
                 "[http]") {
  limits.body_size = 1000;
  auto [request, status] = GENERATE(table<std::string, std::string>({
      {"garbage that is not HTTP\r\n\r\n", "400 Bad Request"},
      {"\x16\x03\x01\x02", "400 Bad Request"}, // TLS
      {"GET / HTTP/3.0\r\n\r\n", "400 Bad Request"},
      {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "400 Bad Request"},
      {"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", "400 Bad Request"},
      {"GET no-slash HTTP/1.1\r\nHost: a\r\n\r\n", "400 Bad Request"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5x\r\n\r\n", "400 Bad Request"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
       "400 Bad Request"},
      {get("/", "X-Long: " + std::string(9000, 'x') + "\r\n"),
       "431 Request Header Fields Too Large"},
      {"GET /" + std::string(9000, 'x'), "431 Request Header Fields Too Large"},
      {post("/", std::string(1001, 'x')), "413 Payload Too Large"},
      {chunked("400\r\n" + std::string(1024, 'x')), "413 Payload Too Large"},
  }));
  auto peer = client();
  peer.write(request);
  auto answer = peer.read_all();
  CHECK_THAT(answer, StartsWith("HTTP/1.1 " + status + "\r\n") && Contains("{\"detail\":"));
  CHECK(echo->scopes.empty());
  peer.socket().close();
  check_no_leak();
}

TEST_CASE_METHOD(transport_fixture, "a body up to the limit is taken", "[http]") {
  auto peer = client();
  std::string body(limits.body_size, 'x');
  peer.write(post("/", body));
  CHECK(peer.read_response().second == "POST / " + body);
}

TEST_CASE_METHOD(transport_fixture, "some paths take larger bodies than others", "[http]") {
  auto peer = client();
  std::string body(4 * 1024 * 1024, 'x');
  peer.write(post("/large", body));
  CHECK(peer.read_response().second.size() == body.size() + std::string{"POST /large "}.size());
  peer.write("POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 4194305\r\n\r\n");
  CHECK_THAT(peer.read_all(), StartsWith("HTTP/1.1 413 "));
  auto other = client();
  other.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n");
  CHECK_THAT(other.read_all(), StartsWith("HTTP/1.1 413 "));
}

TEST_CASE_METHOD(transport_fixture, "a form that a page of another site sends is refused",
                 "[http]") {
  limits.allowed_origins = {"https://friend.example"};
  auto [type, origin, status] = GENERATE(table<std::string, std::string, std::string>({
      {"multipart/form-data; boundary=x", "https://evil.example", "403"},
      {"Application/X-WWW-Form-Urlencoded", "https://evil.example", "403"},
      {"multipart/form-data; boundary=x", "null", "403"},
      {"multipart/form-data; boundary=x", "http://a", "200"},
      {"multipart/form-data; boundary=x", "https://friend.example", "200"},
      {"multipart/form-data; boundary=x", "", "200"},
      {"application/json", "https://evil.example", "200"},
  }));
  auto peer = client();
  peer.write(
      "POST /e HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\nContent-Type: "
      + type + "\r\n" + (origin.empty() ? "" : "Origin: " + origin + "\r\n") + "\r\n");
  CHECK_THAT(peer.read_all(), StartsWith("HTTP/1.1 " + status + " "));
  CHECK(echo->scopes.size() == (status == "200" ? 1 : 0));
}

TEST_CASE_METHOD(transport_fixture, "a slow client is closed without an answer", "[http]") {
  limits.handshake_timeout = 50ms;
  limits.body_timeout = 50ms;
  limits.keep_alive_timeout = 50ms;
  auto peer = client();
  SECTION("that sends nothing") {}
  SECTION("that does not end its head") { peer.write("GET / HTTP/1.1\r\nHost: "); }
  SECTION("that does not end its body") {
    peer.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
  }
  SECTION("that has no further request") {
    peer.write(get("/"));
    peer.read_response();
  }
  CHECK(peer.read_all().empty());
  check_no_leak();
}

TEST_CASE_METHOD(transport_fixture, "a long response is waited for as long as it moves", "[http]") {
  limits.body_timeout = 100ms;
  auto peer = client(4096);
  peer.write(get("/big", GENERATE("", "Connection: close\r\n")));
  SECTION("a client that reads gets all of it") {
    CHECK(peer.read_response().second == std::string(8 * 1024 * 1024, 'b'));
  }
  SECTION("a client that does not read is closed") {
    run_until([this] { return echo->scopes.size() == 1 && connections() == 0; });
  }
  peer.socket().close();
  check_no_leak();
}

TEST_CASE_METHOD(transport_fixture, "a client that takes its answer slowly is waited for",
                 "[http]") {
  limits.body_timeout = 500ms;
  limits.keep_alive_timeout = 50ms;
  auto peer = client(4096);
  peer.write(get("/big"));
  std::array<char, 2048> bytes{};
  std::size_t seen = 0;
  auto read_some = [&] {
    error_code ec;
    auto size = peer.socket().read_some(net::buffer(bytes), ec);
    seen += size;
    return size > 0;
  };
  for (int i = 0; i < 75; ++i) {
    run_until(read_some);
    auto until = std::chrono::steady_clock::now() + 20ms;
    run_until([until] { return std::chrono::steady_clock::now() > until; });
  }
  CHECK(seen + peer.read_all().size() > 8 * 1024 * 1024);
  peer.socket().close();
  check_no_leak();
}

TEST_CASE_METHOD(transport_fixture, "a response that never comes closes the connection", "[http]") {
  auto peer = client();
  peer.write(get("/dropped"));
  CHECK(peer.read_all().empty());
  check_no_leak();
}

TEST_CASE_METHOD(transport_fixture, "a stopping server answers what it has begun", "[http]") {
  auto idle = client();
  auto busy = client();
  busy.write(get("/later") + get("/2"));
  run_until([this] { return echo->held.size() == 1; });
  registry().close_all({});
  CHECK(idle.read_all().empty());
  echo->held[0](dcrf::http_response::with(200, "text/plain", "done"));
  CHECK_THAT(busy.read_all(), Contains("Connection: close") && EndsWith("done"));
  echo->held.clear();
  busy.socket().close();
  check_no_leak();
}

TEST_CASE_METHOD(transport_fixture, "a malformed handshake is refused", "[http]") {
  auto replaced = [](std::string from, std::string_view part, std::string_view by) {
    return from.replace(from.find(part), part.size(), by);
  };
  auto good = handshake("/echo");
  auto [request, status] = GENERATE_COPY(table<std::string, std::string>({
      {replaced(good, "Version: 13", "Version: 8"), "426 Upgrade Required"},
      {replaced(good, "Sec-WebSocket-Version: 13\r\n", ""), "426 Upgrade Required"},
      {replaced(good, "dGhlIHNhbXBsZSBub25jZQ==", "short"), "400 Bad Request"},
      {replaced(good, "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j!Q=="), "400 Bad Request"},
      {replaced(good, "Host: example.org\r\n", ""), "400 Bad Request"},
      {replaced(good, "Host: example.org\r\n", "Host:\r\n"), "400 Bad Request"},
      {handshake("/echo", "Sec-WebSocket-Version: 13\r\n"), "400 Bad Request"},
      {handshake("/echo", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), "400 Bad Request"},
      {handshake("/echo", "Content-Length: 5\r\n"), "400 Bad Request"},
      {handshake("/echo", "Transfer-Encoding: chunked\r\n"), "400 Bad Request"},
      {good + text("too early"), "400 Bad Request"},
      {handshake("/echo", "Origin: https://evil.test\r\n"), "403 Forbidden"},
      {handshake("/echo", "Origin: null\r\n"), "403 Forbidden"},
  }));
  auto peer = client();
  peer.write(request);
  auto answer = peer.read_all();
  CHECK_THAT(answer, StartsWith("HTTP/1.1 " + status + "\r\n"));
  if (status.starts_with("426")) {
    CHECK_THAT(answer, Contains("Sec-WebSocket-Version: 13\r\n"));
  }
  CHECK(echo->scopes.empty());
}

TEST_CASE_METHOD(transport_fixture, "origins of the own host and of the list may connect",
                 "[http]") {
  limits.allowed_origins = {"https://app.test"};
  auto origin = GENERATE("http://example.org", "https://example.org", "https://app.test");
  auto peer = client();
  peer.write(handshake("/echo", "Origin: " + std::string{origin} + "\r\n"));
  CHECK_THAT(peer.read_through("\r\n\r\n"), StartsWith("HTTP/1.1 101 "));
  peer.socket().close();
  check_no_leak();
}

// -- pages of other origins -----------------------------------------------------------------------

TEST_CASE_METHOD(transport_fixture, "a browser is told what a page of another origin may ask for",
                 "[http][cors]") {
  limits.allowed_origins = {"https://app.test", "https://*.shop.test"};
  auto origin = GENERATE("https://app.test", "https://a.shop.test");
  auto peer = client();
  peer.write("OPTIONS /e HTTP/1.1\r\nHost: a\r\nOrigin: " + std::string{origin}
             + "\r\nAccess-Control-Request-Method: PUT\r\n"
               "Access-Control-Request-Headers: authorization,x-a\r\n\r\n");
  auto head = peer.read_response(false).first;
  CHECK_THAT(head, StartsWith("HTTP/1.1 204 "));
  CHECK_THAT(head, Contains("Access-Control-Allow-Origin: " + std::string{origin} + "\r\n")
                       && Contains("Access-Control-Allow-Credentials: true\r\n")
                       && Contains("Access-Control-Allow-Headers: authorization,x-a\r\n")
                       && Contains("Access-Control-Allow-Methods: GET, HEAD, POST, PUT,")
                       && Contains("Vary: Origin\r\n") && Contains("Connection: keep-alive\r\n"));
  CHECK(echo->scopes.empty());
  peer.write("PUT /e HTTP/1.1\r\nHost: a\r\nOrigin: " + std::string{origin}
             + "\r\nContent-Length: 1\r\n\r\nx");
  auto [answer, body] = peer.read_response();
  CHECK(body == "PUT /e x");
  CHECK_THAT(answer, Contains("Access-Control-Allow-Origin: " + std::string{origin} + "\r\n")
                         && Contains("Access-Control-Allow-Credentials: true\r\n"));
  peer.write(get("/e"));
  auto without = peer.read_response().first;
  CHECK_THAT(without, Contains("Vary: Origin\r\n") && !Contains("Access-Control"));
}

TEST_CASE_METHOD(transport_fixture, "a page of an origin that is not listed is told nothing",
                 "[http][cors]") {
  limits.allowed_origins = {"https://app.test"};
  auto peer = client();
  auto foreign = "Origin: https://evil.test\r\n";
  peer.write(get("/e", foreign));
  CHECK_THAT(peer.read_response().first,
             StartsWith("HTTP/1.1 200 ") && !Contains("Access-Control"));
  peer.write("OPTIONS /e HTTP/1.1\r\nHost: a\r\n" + std::string{foreign}
             + "Access-Control-Request-Method: PUT\r\n\r\n");
  CHECK_THAT(peer.read_all(), StartsWith("HTTP/1.1 403 ") && !Contains("Access-Control"));
  CHECK(echo->scopes.size() == 1);
}

TEST_CASE_METHOD(transport_fixture, "without a list the application answers what browsers ask",
                 "[http][cors]") {
  auto peer = client();
  peer.write("OPTIONS /e HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.test\r\n"
             "Access-Control-Request-Method: PUT\r\n\r\n");
  auto [head, body] = peer.read_response();
  CHECK(body == "OPTIONS /e ");
  CHECK_THAT(head, !Contains("Access-Control") && !Contains("Vary"));
}

TEST_CASE_METHOD(transport_fixture, "who is allowed as anybody sees what is shown without cookies",
                 "[http][cors]") {
  auto [allowed, origin] =
      GENERATE(table<std::string, std::string>({{"*", "https://a.test"}, {"null", "null"}}));
  limits.allowed_origins = {allowed};
  auto peer = client();
  peer.write(get("/e", "Origin: " + origin + "\r\n"));
  CHECK_THAT(peer.read_response().first, Contains("Access-Control-Allow-Origin: *\r\n")
                                             && !Contains("Access-Control-Allow-Credentials"));
}

TEST_CASE_METHOD(transport_fixture, "a trusted proxy says who the client is", "[http]") {
  auto headers = "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n"
                 "X-Forwarded-Host: chat.test\r\nX-Forwarded-Prefix: /chat/\r\n";
  bool is_trusted = GENERATE(false, true);
  if (is_trusted) {
    limits.trusted_proxies = {"127.0.0.0/8"};
  }
  auto peer = client();
  peer.write(get("/1", headers));
  peer.read_response();
  const auto& scope = echo->scopes.at(0);
  CHECK(scope.client == (is_trusted ? "203.0.113.7" : "127.0.0.1"));
  CHECK(scope.scheme == (is_trusted ? "https" : "http"));
  CHECK(scope.host == (is_trusted ? "chat.test" : "example.org"));
  CHECK(scope.prefix == (is_trusted ? "/chat" : ""));
}

TEST_CASE_METHOD(transport_fixture, "origins are compared with the host that a proxy is asked for",
                 "[http]") {
  limits.trusted_proxies = {"127.0.0.1"};
  auto [origin, status] = GENERATE(table<std::string, std::string>(
      {{"https://chat.test", "101"}, {"https://example.org", "403"}}));
  auto peer = client();
  peer.write(handshake("/echo", "X-Forwarded-Host: chat.test:443\r\nOrigin: " + origin + "\r\n"));
  CHECK_THAT(peer.read_through("\r\n\r\n"), StartsWith("HTTP/1.1 " + status));
}

TEST_CASE_METHOD(transport_fixture, "what a proxy passes on beside its own word is refused",
                 "[http]") {
  limits.trusted_proxies = {"127.0.0.1"};
  auto peer = client();
  peer.write(get("/", "X-Forwarded-For: 203.0.113.7\r\nForwarded: for=198.51.100.1\r\n"));
  CHECK_THAT(peer.read_all(), StartsWith("HTTP/1.1 400 "));
}

} // namespace http_connection_tests
