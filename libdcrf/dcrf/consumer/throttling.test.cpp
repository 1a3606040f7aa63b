#include "dcrf/consumer/throttling.hpp"

#include "dcrf/consumer/internal/test_models.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <thread>
#include <vector>

using dcrf::json;
using namespace std::chrono_literals;
using dcrf::throttle_history;

namespace consumer_test::throttled {

template <class... Rates>
class pinger : public dcrf::api_consumer<pinger<Rates...>> {
public:
  using throttles = dcrf::throttles<Rates...>;

  dcrf::response ping() { return dcrf::response::ok(); }
  dcrf::task<> nap() { co_await this->runtime().sleep(30s); }

  using actions =
      dcrf::actions<dcrf::action<"ping", &pinger::ping>, dcrf::action<"nap", &pinger::nap>>;
};

json ping(dcrf::test_session& client) {
  client.send({{"action", "ping"}});
  return client.receive();
}

int status(dcrf::test_session& client) { return ping(client)["response_status"]; }

using consumer_test::user;

TEST_CASE("too many requests over one connection are refused, with the time to wait",
          "[throttling]") {
  dcrf::test_server server{consumer_test::all_models()};
  server.websocket<pinger<dcrf::connection_rate<"2/min">>>("/");
  auto client = server.connect("/");
  CHECK(status(client) == 200);
  client.send({{"action", "nap"}});
  auto refused = ping(client);
  CHECK(refused["response_status"] == 429);
  CHECK(refused["errors"] == json{"Request was throttled. Expected available in 30 seconds."});
  auto other = server.connect("/");
  CHECK(status(other) == 200);
}

TEST_CASE("the requests of a user count together", "[throttling]") {
  dcrf::test_server server{consumer_test::all_models()};
  server.websocket<pinger<dcrf::user_rate<"2/hour">>>("/");
  auto ann = server.connect("/", user(1, "ann"));
  auto ann_again = server.connect("/", user(1, "ann"));
  auto bob = server.connect("/", user(2, "bob"));
  CHECK(status(ann) == 200);
  CHECK(status(ann_again) == 200);
  CHECK(status(ann) == 429);
  CHECK(status(bob) == 200);
}

TEST_CASE("who is logged in is not concerned by the rate of anonymous users", "[throttling]") {
  dcrf::test_server server{consumer_test::all_models()};
  server.websocket<pinger<dcrf::anonymous_rate<"1/day">>>("/");
  auto ann = server.connect("/", user(1, "ann"));
  CHECK(status(ann) == 200);
  CHECK(status(ann) == 200);
  auto anybody = server.connect("/");
  CHECK(status(anybody) == 200);
  CHECK(status(anybody) == 429);
}

TEST_CASE("rates of one text but of different kinds count for themselves", "[throttling]") {
  dcrf::test_server server{consumer_test::all_models()};
  server.websocket<pinger<dcrf::user_rate<"2/day">, dcrf::anonymous_rate<"2/day">>>("/");
  auto anybody = server.connect("/");
  CHECK(status(anybody) == 200);
  CHECK(status(anybody) == 200);
  CHECK(status(anybody) == 429);
}

TEST_CASE("the longest wait is told", "[throttling]") {
  dcrf::test_server server{consumer_test::all_models()};
  server.websocket<pinger<dcrf::connection_rate<"1/s">, dcrf::connection_rate<"1/hour">>>("/");
  auto client = server.connect("/");
  CHECK(status(client) == 200);
  CHECK(ping(client)["errors"]
        == json{"Request was throttled. Expected available in 3600 seconds."});
}

TEST_CASE("a request counts for as long as the rate's period", "[throttling]") {
  constexpr auto rate = dcrf::connection_rate<"2/min">::descriptor;
  throttle_history history;
  throttle_history::clock::time_point start{};
  CHECK_FALSE(history.count(rate, "a", start));
  CHECK_FALSE(history.count(rate, "a", start + 10s));
  CHECK(history.count(rate, "a", start + 20s) == 40s);
  CHECK(history.count(rate, "a", start + 59500ms) == 1s);
  CHECK_FALSE(history.count(rate, "b", start + 20s));
  CHECK_FALSE(history.count(rate, "a", start + 60s));
  CHECK(history.count(rate, "a", start + 61s) == 9s);
}

TEST_CASE("threads may count at once", "[throttling]") {
  constexpr auto rate = dcrf::connection_rate<"1000/day">::descriptor;
  throttle_history history;
  std::atomic<int> allowed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 600; ++j) {
        allowed += history.count(rate, "a", {}) ? 0 : 1;
        history.count(rate, std::to_string(i * 1000 + j), {});
      }
    });
  }
  for (auto& x : threads) {
    x.join();
  }
  CHECK(allowed == 1000);
}

} // namespace consumer_test::throttled
