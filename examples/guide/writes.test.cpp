#include <dcrf/dcrf.hpp>
#include <dcrf/testing/test_server.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

// [model]
namespace bank {

struct account {
  std::int64_t id{};
  std::string owner;
  std::int64_t balance = 0;
  std::int64_t revision = 0;
};
BOOST_DESCRIBE_STRUCT(account, (), (id, owner, balance, revision))

} // namespace bank

template <>
struct dcrf::model<bank::account> {
  using account = bank::account;
  static constexpr auto table = "bank_account";
  using primary_key = dcrf::primary_key<&account::id>;
  using fields =
      dcrf::fields<dcrf::text_field<&account::owner, dcrf::max_length<30>, dcrf::unique>,
                   dcrf::field<&account::balance, dcrf::value_range<0, 1'000'000>, dcrf::defaulted>,
                   dcrf::version<&account::revision>>;
};
// [model]

namespace guide::writes {

using bank::account;

struct account_serializer : dcrf::model_serializer<account> {
  using fields = dcrf::all_fields;
};

class account_consumer
    : public dcrf::model_consumer<account_consumer, account, account_serializer,
                                  dcrf::retrieve_model, dcrf::create_model, dcrf::patch_model> {
public:
  using permissions = dcrf::permissions<dcrf::allow_any>;

  // [increment]
  dcrf::task<dcrf::response> deposit(std::int64_t pk, std::int64_t amount) {
    co_return dcrf::response::ok(
        co_await update<account_serializer>(pk, dcrf::increment<&account::balance>(amount)));
  }

  dcrf::task<dcrf::response> transfer(std::int64_t from, std::int64_t to, std::int64_t amount) {
    auto accounts = repository<account>();
    auto giver = co_await accounts.update(from, dcrf::increment<&account::balance>(-amount));
    auto taker = co_await accounts.update(to, dcrf::increment<&account::balance>(amount));
    co_return dcrf::response::ok(dcrf::json{{"from", giver.balance}, {"to", taker.balance}});
  }
  // [increment]

  // [lock]
  // As much as there is: what is written depends on what was read.
  dcrf::task<dcrf::response> withdraw(std::int64_t pk, std::int64_t amount) {
    auto found = co_await repository<account>().get_for_update(pk);
    auto paid = std::min(found.balance, amount);
    co_await repository<account>().update(pk, dcrf::increment<&account::balance>(-paid));
    co_return dcrf::response::ok(dcrf::json{{"paid", paid}});
  }
  // [lock]

  // [ensure]
  dcrf::task<dcrf::response> open(std::string owner) {
    account draft{.owner = owner};
    auto [row, is_created] = co_await repository<account>().get_or_create<&account::owner>(draft);
    co_return dcrf::response::ok(dcrf::json{{"id", row.id}, {"created", is_created}});
  }

  dcrf::task<dcrf::response> give(std::string owner, std::int64_t amount) {
    account first{.owner = owner, .balance = amount};
    auto [row, is_created] = co_await repository<account>().update_or_create<&account::owner>(
        first, dcrf::increment<&account::balance>(amount));
    co_return dcrf::response::ok(dcrf::json{{"balance", row.balance}, {"created", is_created}});
  }
  // [ensure]

  // [bulk]
  dcrf::task<dcrf::response> pay_interest() {
    auto rich = dcrf::query<account>{}.filter(dcrf::column<&account::balance> >= 100);
    auto number = co_await repository<account>().bulk_update(
        rich, dcrf::set<&account::balance>(dcrf::column<&account::balance> * 2 - 100));
    co_return dcrf::response::ok(dcrf::json{{"accounts", number}});
  }
  // [bulk]

  // [actions]
  using actions =
      dcrf::actions<dcrf::action<&account_consumer::deposit, "pk", "amount">,
                    dcrf::atomic_action<&account_consumer::transfer, "from", "to", "amount">,
                    dcrf::atomic_action<&account_consumer::withdraw, "pk", "amount">,
                    dcrf::action<&account_consumer::open, "owner">,
                    dcrf::action<&account_consumer::give, "owner", "amount">,
                    dcrf::action<&account_consumer::pay_interest>>;
  // [actions]
};

} // namespace guide::writes

using dcrf::json;
using namespace guide::writes;

TEST_CASE("writes of the guide lose nothing", "[guide]") {
  dcrf::test_server server{dcrf::schema::of<account>()};
  server.websocket<account_consumer>("/ws/accounts/");
  auto client = server.connect("/ws/accounts/");
  auto ask = [&](const std::string& action, json arguments) {
    arguments["action"] = action;
    client.send(arguments);
    return client.receive();
  };
  CHECK(ask("open", {{"owner", "ann"}})["data"] == json{{"id", 1}, {"created", true}});
  CHECK(ask("open", {{"owner", "ann"}})["data"] == json{{"id", 1}, {"created", false}});
  CHECK(ask("give", {{"owner", "bob"}, {"amount", 70}})["data"]
        == json{{"balance", 70}, {"created", true}});
  CHECK(ask("give", {{"owner", "bob"}, {"amount", 80}})["data"]
        == json{{"balance", 150}, {"created", false}});
  CHECK(ask("deposit", {{"pk", 1}, {"amount", 50}})["data"]
        == json{{"id", 1}, {"owner", "ann"}, {"balance", 50}, {"revision", 1}});
  CHECK(ask("transfer", {{"from", 1}, {"to", 2}, {"amount", 60}})["errors"]
        == json::parse(R"([{"balance": ["Ensure this value is greater than or equal to 0."]}])"));
  CHECK(ask("transfer", {{"from", 1}, {"to", 2}, {"amount", 20}})["data"]
        == json{{"from", 30}, {"to", 170}});
  CHECK(ask("withdraw", {{"pk", 1}, {"amount", 100}})["data"] == json{{"paid", 30}});
  CHECK(ask("pay_interest", json::object())["data"] == json{{"accounts", 1}});
  CHECK(ask("retrieve", {{"pk", 2}})["data"]["balance"] == 240);
  CHECK(ask("patch", {{"pk", 1}, {"data", {{"owner", "eve"}, {"revision", 1}}}})["response_status"]
        == 409);
}
