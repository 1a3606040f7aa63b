#include "dcrf/actors/server.hpp"

#include "dcrf/actors/internal/actors_testing.hpp"
#include "dcrf/consumer/consumer.hpp"
#include "dcrf/view/model_view_set.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <caf/scoped_actor.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <optional>
#include <vector>

using namespace std::chrono_literals;

namespace dcrf::actors_test::server_tests {

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
using tcp = net::ip::tcp;

std::atomic<int> disconnected{0};

class topic_consumer : public api_consumer<topic_consumer> {
public:
  explicit topic_consumer(bool fails = false) {
    if (fails) {
      throw std::runtime_error("no consumer today");
    }
  }

  struct text {
    std::string value;
    BOOST_DESCRIBE_CLASS(text, (), (value), (), ())
  };

  task<response> create(text args) {
    topic draft{.name = std::move(args.value)};
    auto row = co_await repository<topic>().create(draft);
    co_return response::created(json_text{json(row.name)});
  }

  task<response> watch(request& req) {
    co_await subscribe<all_topics>(req);
    co_return response::created();
  }

  // Writes when the connection has been closed already.
  task<> slow(request& req) {
    reply(req, response::accepted());
    co_await runtime().sleep(300ms);
    topic draft{.name = "written at the end"};
    co_await repository<topic>().create(draft);
  }

  task<> disconnected(std::uint16_t) override {
    ++server_tests::disconnected;
    return {};
  }

  using actions =
      dcrf::actions<action<"create", &topic_consumer::create>,
                    action<"watch", &topic_consumer::watch>, action<"slow", &topic_consumer::slow>>;
};

class websocket_client {
public:
  explicit websocket_client(std::uint16_t port, const std::string& path = "/ws/") {
    beast::get_lowest_layer(stream_).connect({net::ip::address_v4::loopback(), port});
    beast::websocket::response_type answer;
    beast::error_code error;
    stream_.handshake(answer, "127.0.0.1:" + std::to_string(port), path, error);
    status = answer.result_int();
  }

  void send(const json& frame) { stream_.write(net::buffer(frame.dump())); }

  void ask(const std::string& action, const std::string& value = "x") {
    send({{"action", action}, {"value", value}, {"request_id", 1}});
  }

  json read() {
    beast::flat_buffer buffer;
    stream_.read(buffer);
    return json::parse(beast::buffers_to_string(buffer.data()));
  }

  // Reads on to the end, and answers the close.
  unsigned close_code() {
    beast::flat_buffer buffer;
    beast::error_code error;
    while (!error) {
      stream_.read(buffer, error);
    }
    return stream_.reason().code;
  }

  unsigned status = 0;

private:
  net::io_context context_;
  beast::websocket::stream<tcp::socket> stream_{context_};
};

struct topic_serializer : model_serializer<topic> {
  using fields = shown<field<&topic::id>, field<&topic::name>>;
};

class topic_view_set : public model_view_set<topic_view_set, topic, topic_serializer> {};

beast::http::response<beast::http::string_body> ask_http(std::uint16_t port,
                                                         beast::http::verb method,
                                                         const std::string& path,
                                                         const std::string& body = {}) {
  net::io_context context;
  tcp::socket socket{context};
  socket.connect({net::ip::address_v4::loopback(), port});
  beast::http::request<beast::http::string_body> request{method, path, 11};
  request.set("Host", "127.0.0.1");
  request.set("Connection", "close");
  request.set("Content-Type", "application/json");
  request.body() = body;
  request.prepare_payload();
  beast::http::write(socket, request);
  beast::flat_buffer buffer;
  beast::http::response<beast::http::string_body> response;
  beast::http::read(socket, buffer, response);
  return response;
}

beast::http::response<beast::http::string_body> get(std::uint16_t port, const std::string& path) {
  return ask_http(port, beast::http::verb::get, path);
}

// A configuration that does not meet others.
struct test_config : actor_system_config {
  test_config() {
    port = 0;
    database = "sqlite://:memory:";
    io_threads = 2;
    limits.close_timeout = 200ms; // not all clients answer a close
  }
};

// Only so many files can be opened while this lives.
class few_descriptors {
public:
  explicit few_descriptors(std::size_t free) {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit limit{256, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = dup(0); fd >= 0; fd = dup(0)) {
      held_.push_back(fd);
    }
    for (; free > 0; --free) {
      close(held_.back());
      held_.pop_back();
    }
  }
  few_descriptors(const few_descriptors&) = delete;
  few_descriptors& operator=(const few_descriptors&) = delete;
  ~few_descriptors() {
    for (auto fd : held_) {
      close(fd);
    }
    setrlimit(RLIMIT_NOFILE, &before_);
  }

private:
  rlimit before_{};
  std::vector<int> held_;
};

// Its destruction shows that the actor system ends, too.
struct fixture {
  test_config config;
  std::optional<caf::actor_system> system{std::in_place, config};
  std::optional<server> tested;

  fixture() { declare(tested.emplace(*system)); }

  static void declare(server& x) {
    x.models<topic, entry>();
    x.websocket<topic_consumer>("/ws/");
    x.websocket<topic_consumer>("/broken/", true);
    x.view_set<topic_view_set>("/api/topics/");
    x.http("GET", "/topics", [](http_request&, const runtime& within) -> task<http_response> {
      auto count = co_await within.repository<topic>().count({});
      co_return http_response::with(200, "text/plain", std::to_string(count));
    });
    x.http("GET", "/second", [](http_request&, const runtime& within) -> task<http_response> {
      co_await within.sleep(1s);
      co_return http_response::with(200, "text/plain", "late");
    });
    x.http("GET", "/endless", [](http_request&, const runtime& within) -> task<http_response> {
      co_await within.sleep(1h);
      co_return http_response::with(200, "text/plain", "never");
    });
  }

  static std::string message(const caf::error& x) { return actor_system_config::render(x); }

  void start() {
    auto error = tested->start();
    INFO(message(error));
    REQUIRE_FALSE(error);
  }

  std::uint16_t port() { return tested->port(); }
};

} // namespace

TEST_CASE_METHOD(fixture, "a server serves WebSockets and HTTP", "[server]") {
  start();
  CHECK(port() != 0);
  websocket_client watching{port()}, writing{port()};
  CHECK(watching.status == 101);
  watching.ask("watch");
  CHECK(watching.read()["response_status"] == 201);
  writing.ask("create", "caf");
  CHECK(writing.read()["data"] == "caf");
  CHECK(watching.read()["data"] == "caf");
  CHECK(get(port(), "/topics").body() == "1");
  CHECK(get(port(), "/nothing").result_int() == 404);
  CHECK(websocket_client{port(), "/nothing/"}.status == 404);
  CHECK(tested->sessions().size() == 2);
  CHECK(tested->stats().memberships == 1);
}

TEST_CASE_METHOD(fixture, "a server serves view sets, whose changes others see", "[server]") {
  using beast::http::verb;
  start();
  websocket_client watching{port()};
  watching.ask("watch");
  CHECK(watching.read()["response_status"] == 201);
  auto created = ask_http(port(), verb::post, "/api/topics/", R"({"name": "caf"})");
  CHECK(created.result_int() == 201);
  CHECK(created.body() == R"({"id":1,"name":"caf"})");
  CHECK(created["Content-Type"] == "application/json");
  CHECK(created["Allow"] == "GET, POST, HEAD, OPTIONS");
  CHECK(watching.read()["data"] == "caf");
  CHECK(get(port(), "/api/topics/1/").body() == created.body());
  CHECK(get(port(), "/api/topics/2/").result_int() == 404);
  CHECK(ask_http(port(), verb::post, "/api/topics/", "{").result_int() == 400);
  CHECK(ask_http(port(), verb::put, "/api/topics/").result_int() == 405);
  CHECK(ask_http(port(), verb::delete_, "/api/topics/1/").result_int() == 204);
}

TEST_CASE_METHOD(fixture, "a consumer that can't be made costs its connection only", "[server]") {
  start();
  CHECK(websocket_client{port(), "/broken/"}.status == 500);
  CHECK(websocket_client{port()}.status == 101);
}

TEST_CASE_METHOD(fixture, "sessions are counted, requests over HTTP are not", "[server]") {
  start();
  {
    websocket_client one{port()};
    wait_until([this] { return tested->stats().sessions == 1; });
    net::io_context context;
    tcp::socket socket{context};
    socket.connect({net::ip::address_v4::loopback(), port()});
    net::write(socket, net::buffer(std::string{"GET /second HTTP/1.1\r\nHost: a\r\n\r\n"}));
    CHECK(get(port(), "/topics").result_int() == 200);
    CHECK(tested->stats().sessions == 1);
    caf::anon_send(tested->sessions().front(), close_session{4001});
    CHECK(one.close_code() == 4001);
  }
  wait_until([this] { return tested->stats().sessions == 0; });
}

TEST_CASE_METHOD(fixture, "a stop closes with 1012 and lets running actions commit", "[server]") {
  char name[] = "/tmp/dcrf-server-XXXXXX";
  auto folder = std::string{mkdtemp(name)};
  config.database = "sqlite://" + folder + "/x.db";
  disconnected = 0;
  start();
  {
    websocket_client client{port()};
    client.ask("create", "first");
    client.read();
    client.ask("slow");
    CHECK(client.read()["response_status"] == 202);
    client.ask("create", "dropped with the connection");
    auto session = tested->sessions().front();
    std::thread reading{[&] { CHECK(client.close_code() == 1012); }};
    tested->stop();
    reading.join();
    caf::anon_send(session, close_session{}); // a handle that was kept does no harm
  }
  CHECK(disconnected == 1);
  CHECK(port() == 0);
  CHECK(tested->sessions().empty());
  tested->stop();
  start();
  CHECK(get(port(), "/topics").body() == "2");
  tested->stop();
  std::filesystem::remove_all(folder);
}

TEST_CASE_METHOD(fixture, "a stop ends what would never end", "[server]") {
  start();
  net::io_context context;
  tcp::socket socket{context};
  socket.connect({net::ip::address_v4::loopback(), port()});
  net::write(socket, net::buffer(std::string{"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n"}));
  CHECK(get(port(), "/topics").result_int() == 200);
  auto started = std::chrono::steady_clock::now();
  tested->stop();
  CHECK(std::chrono::steady_clock::now() - started < 10s);
}

TEST_CASE_METHOD(fixture, "a start that fails leaves nothing behind", "[server]") {
  SECTION("the port is in use") {
    start();
    test_config second_config;
    second_config.port = port();
    caf::actor_system second_system{second_config};
    server second{second_system};
    declare(second);
    auto error = second.start();
    CHECK_THAT(message(error), Catch::Contains("can't listen on http://127.0.0.1:"));
    CHECK(second.port() == 0);
    CHECK(websocket_client{port()}.status == 101);
    second_config.port = 0;
    CHECK_FALSE(second.start());
  }
  SECTION("the database can't be opened") {
    config.database = "sqlite:///no/such/folder/x.db";
    CHECK_THAT(message(tested->start()), Catch::Contains("/no/such/folder/x.db"));
    config.database = "sqlite://:memory:";
    start();
  }
  SECTION("it runs already") {
    start();
    CHECK_THAT(message(tested->start()), Catch::Contains("runs already"));
    CHECK(get(port(), "/topics").body() == "0");
  }
}

TEST_CASE_METHOD(fixture, "whatever descriptor is missing, a start ends with an error",
                 "[server]") {
  char name[] = "/tmp/dcrf-server-XXXXXX";
  auto folder = std::string{mkdtemp(name)};
  config.limits.max_connections = 1; // so the limit is not raised
  std::size_t free = 0;
  for (bool is_started = false; !is_started; ++free) {
    REQUIRE(free < 100);
    auto file = folder + "/" + std::to_string(free) + ".db";
    config.database = "sqlite://" + file;
    caf::error error;
    {
      few_descriptors few{free};
      error = tested->start();
    }
    is_started = !error;
    CHECK((is_started || !message(error).empty()));
    CHECK((is_started || port() == 0));
    CHECK(std::filesystem::exists(file + "-lock") == is_started);
  }
  CHECK(free > 5);
  CHECK(get(port(), "/topics").body() == "0");
  tested->stop();
  std::filesystem::remove_all(folder);
}

TEST_CASE_METHOD(fixture, "a declaration that can't stand is the error of the start", "[server]") {
  SECTION("models are given twice") {
    tested->models<topic, entry>();
    CHECK_THAT(message(tested->start()), Catch::Contains("the models were given twice"));
  }
  SECTION("a model refers to one that was not given") {
    auto& other = tested.emplace(*system);
    other.models<entry>();
    CHECK_THAT(message(other.start()), Catch::Contains("lacks the model \"topic\""));
  }
  SECTION("a consumer is over a model that was not given") {
    auto& other = tested.emplace(*system);
    other.view_set<topic_view_set>("/api/topics/");
    CHECK_THAT(message(other.start()),
               Catch::Contains("topic_view_set is over the model \"topic\""));
  }
  SECTION("two consumers have one path") {
    tested->websocket<topic_consumer>("/ws/");
    CHECK_THAT(message(tested->start()), Catch::Contains("two routes of one path: /ws/"));
  }
  SECTION("two handlers have one path") {
    tested->view_set<topic_view_set>("/api/topics/");
    CHECK_THAT(message(tested->start()), Catch::Contains("two routes of one path: /api/topics/"));
  }
  SECTION("a route is malformed") {
    tested->websocket<topic_consumer>("ws");
    CHECK_THAT(message(tested->start()), Catch::Contains("a route starts with '/': ws"));
  }
  CHECK(port() == 0);
}

TEST_CASE_METHOD(fixture, "what is to run at the start runs before any client is served",
                 "[server]") {
  tested->on_start([](const runtime& within) -> task<> {
    topic draft{.name = "there already"};
    co_await within.repository<topic>().create(draft);
  });
  SECTION("and the server starts if it succeeds") {
    start();
    CHECK(get(port(), "/topics").body() == "1");
  }
  SECTION("and the server does not start if it fails") {
    bool is_coroutine = GENERATE(true, false);
    tested->on_start([is_coroutine](const runtime& within) -> task<> {
      if (!is_coroutine) {
        throw std::runtime_error("not today");
      }
      return [](const runtime& inner) -> task<> {
        co_await inner.sleep(1ms);
        throw std::runtime_error("not today");
      }(within);
    });
    CHECK_THAT(message(tested->start()), Catch::Contains("not today"));
    CHECK(port() == 0);
  }
}

TEST_CASE_METHOD(fixture, "a periodic task runs again and again, and never twice at a time",
                 "[server]") {
  std::atomic<int> begun{0}, running{0}, together{0};
  tested->every(5ms, [&](const runtime& within) -> task<> {
    together = std::max<int>(together, ++running);
    auto number = ++begun;
    co_await within.sleep(20ms);
    topic draft{.name = std::to_string(number)};
    co_await within.repository<topic>().create(draft);
    --running;
    if (number == 1) {
      throw std::runtime_error("not today");
    }
    if (number == 2) {
      throw 2;
    }
  });
  std::atomic<int> others{0};
  tested->every(1ms, [&](const runtime&) -> task<> {
    ++others;
    co_return;
  });
  tested->every(1h, [&](const runtime&) -> task<> {
    others = -1'000'000;
    co_return;
  });
  start();
  wait_until([&] { return begun >= 5 && others >= 5; });
  tested->stop();
  CHECK(together == 1);
  CHECK(running == 0);
  auto last = begun.load();
  start();
  wait_until([&] { return begun > last; });
  tested->stop();
}

TEST_CASE_METHOD(fixture, "a period is not nothing", "[server]") {
  tested->every(0ms, [](const runtime&) -> task<> { co_return; });
  CHECK_THAT(message(tested->start()), Catch::Contains("a period of at least a millisecond"));
}

TEST_CASE_METHOD(fixture, "a server says whether it is well", "[server]") {
  SECTION("on paths of its own") {
    start();
    CHECK(get(port(), "/healthz").body() == "ok\n");
    CHECK(get(port(), "/readyz").body() == "ready\n");
    CHECK(get(port(), "/nodes").result_int() == 404);
    CHECK(ask_http(port(), beast::http::verb::post, "/readyz").result_int() == 405);
  }
  SECTION("though the application answers all paths") {
    tested->http("/<path:rest>", [](http_request&, const runtime&) -> task<http_response> {
      co_return http_response::with(200, "text/plain", "mine");
    });
    start();
    CHECK(get(port(), "/healthz").body() == "ok\n");
    CHECK(get(port(), "/other").body() == "mine");
  }
  SECTION("and no handler may want them") {
    tested->http("GET", "/readyz", [](http_request&, const runtime&) -> task<http_response> {
      co_return http_response{};
    });
    CHECK_THAT(message(tested->start()),
               Catch::Contains("/readyz is answered by the server itself"));
  }
}

TEST_CASE_METHOD(fixture, "two servers in one process share nothing", "[server]") {
  server second{*system};
  declare(second);
  start();
  REQUIRE_FALSE(second.start());
  websocket_client watching{port()}, other{second.port()};
  watching.ask("watch");
  watching.read();
  other.ask("create", "elsewhere");
  other.read();
  CHECK(second.stats().memberships == 0);
  CHECK(tested->stats().memberships == 1);
  CHECK(get(port(), "/topics").body() == "0");
  CHECK(get(second.port(), "/topics").body() == "1");
  second.stop();
  watching.ask("create", "here");
  CHECK(watching.read()["data"] == "here");
}

TEST_CASE_METHOD(fixture, "actors of the application outlive a server without harm", "[server]") {
  start();
  caf::scoped_actor self{*system};
  auto topics = tested->repository<topic>();
  auto groups = tested->groups();
  bool is_member = false;
  self->request(groups, 20s, join_group{topics_group()})
      .receive([&](bool x) { is_member = x; }, [](const caf::error&) { FAIL("no answer"); });
  CHECK(is_member);
  CHECK(tested->stats().memberships == 1);
  self->request(topics, 20s, create_topic("caf"))
      .receive([](const store_result& x) { CHECK_FALSE(x.error); },
               [](const caf::error&) { FAIL("no answer"); });
  self->receive([](const group_message_ptr& x) { CHECK(x->body().str() == "\"caf\""); });

  // Without a sender nobody joins.
  caf::anon_send(groups, join_group{{nullptr, "nobody"}});
  self->send(groups, leave_group{topics_group()});
  wait_until([this] { return tested->stats().memberships == 0; });

  tested.reset();
  self->request(topics, caf::infinite, count_topics())
      .receive([](const store_result&) { FAIL("answered by whom?"); },
               [](const caf::error& x) { CHECK(x == caf::sec::request_receiver_down); });
  self->send(groups, leave_group{topics_group()});
}

TEST_CASE("a server wants its own configuration", "[server]") {
  caf::actor_system_config config;
  caf::actor_system system{config};
  CHECK_THROWS_AS(server{system}, std::invalid_argument);
}

} // namespace dcrf::actors_test::server_tests
