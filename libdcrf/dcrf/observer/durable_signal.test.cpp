#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/observer/signal.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <optional>
#include <set>
#include <string>
#include <vector>

using dcrf::json;

namespace consumer_test::durable_signalling {

struct payment : dcrf::durable_signal {
  std::int64_t amount = 0;
  std::optional<std::string> from;
  dcrf::json_text more;
};
BOOST_DESCRIBE_STRUCT(payment, (), (amount, from, more))

class cashier : public dcrf::api_consumer<cashier> {
public:
  struct every_payment : dcrf::signal_observer<payment> {
    static dcrf::json_text body(const payment& x) {
      return json{{"amount", x.amount}, {"from", x.from.value_or("?")}, {"more", x.more.to_json()}};
    }
  };
  struct large_payments : dcrf::signal_observer<payment> {
    static constexpr std::string_view action = "large";
    static std::vector<std::string> groups_for(const payment& x) {
      return x.amount < 100 ? std::vector<std::string>{}
                            : std::vector<std::string>{x.from.value_or("?")};
    }
  };

  dcrf::task<dcrf::response> watch(dcrf::request& req) {
    co_await subscribe<every_payment>(req);
    co_await subscribe<large_payments>(req, std::string{"ann"});
    co_return dcrf::response::created();
  }
  dcrf::task<> send(std::int64_t amount, std::string from) {
    payment x;
    x.amount = amount;
    x.from = from;
    x.more = json{{"a", 1}};
    co_await dcrf::send_durable(runtime(), x);
  }
  dcrf::task<dcrf::response> pay(std::int64_t amount, std::string from) {
    co_await send(amount, from);
    co_return dcrf::response::ok();
  }
  dcrf::task<dcrf::response> pay_all(std::vector<std::int64_t> amounts, std::optional<bool> fails) {
    for (auto x : amounts) {
      co_await send(x, "bob");
    }
    if (fails) {
      throw dcrf::api_exception(400, "no");
    }
    co_return dcrf::response::ok();
  }

  using actions =
      dcrf::actions<dcrf::action<"watch", &cashier::watch>,
                    dcrf::action<"pay", &cashier::pay, "amount", "from">,
                    dcrf::atomic_action<"pay_all", &cashier::pay_all, "amounts", "fails">>;
};

struct fixture {
  fixture() { server.websocket<cashier>("/"); }

  std::string ask(const json& frame) {
    session().send(frame);
    return session().receive_text();
  }
  dcrf::test_session& session() {
    if (!opened) {
      opened.emplace(server.connect("/"));
    }
    return *opened;
  }

  dcrf::test_server server{all_models()};
  std::optional<dcrf::test_session> opened;
};

TEST_CASE_METHOD(fixture, "a durable signal is told after its commit", "[signal]") {
  ask({{"action", "watch"}, {"request_id", 1}});
  ask({{"action", "pay"}, {"amount", 5}, {"from", "ann"}});
  CHECK(session().receive_text()
        == R"({"errors":[],"data":{"amount":5,"from":"ann","more":{"a":1}},"action":)"
           R"("every_payment","response_status":200,"request_id":1})");
  CHECK(session().is_silent());
  ask({{"action", "pay"}, {"amount", 500}, {"from", "ann"}});
  std::set<std::string> told{session().receive()["action"], session().receive()["action"]};
  CHECK(told == std::set<std::string>{"every_payment", "large"});
}

TEST_CASE_METHOD(fixture, "durable signals of a transaction are told together, or not at all",
                 "[signal]") {
  ask({{"action", "watch"}, {"request_id", 1}});
  ask({{"action", "pay_all"}, {"amounts", {1, 2, 1}}, {"fails", true}});
  CHECK(session().is_silent());
  ask({{"action", "pay_all"}, {"amounts", {1, 2, 1}}});
  CHECK(session().receive()["data"]["amount"] == 1);
  CHECK(session().receive()["data"]["amount"] == 2);
  CHECK(session().receive()["data"]["amount"] == 1);
  CHECK(session().is_silent());
}

} // namespace consumer_test::durable_signalling
