#include "conformance/accounts.hpp"

#include "dcrf/protocol/errors.hpp"

#include <nlohmann/json.hpp>

namespace conformance {

dcrf::task<dcrf::response> account_consumer::subscribe_all(dcrf::request& req) {
  co_await subscribe<every_account>(req);
  co_return dcrf::response::created();
}

dcrf::response account_consumer::unsubscribe_all(dcrf::request& req) {
  unsubscribe<every_account>(req);
  return dcrf::response::no_content();
}

// Within the transaction of an atomic action, which no other write comes between.
dcrf::task<account> account_consumer::add(std::int64_t pk, std::int32_t amount) {
  auto row = co_await repository<account>().get(pk);
  if (row.balance < -amount) {
    throw dcrf::validation_error("balance", "Ensure this value is greater than or equal to 0.");
  }
  row.balance += amount;
  co_return co_await repository<account>().update(row);
}

dcrf::task<dcrf::response> account_consumer::transfer(movement args) {
  auto from = co_await add(args.from, -args.amount);
  auto to = co_await add(args.to, args.amount);
  co_return dcrf::response::ok(dcrf::json{{"from", from.balance}, {"to", to.balance}});
}

dcrf::task<dcrf::response> account_consumer::deposit(payment args) {
  auto row = co_await add(args.pk, args.amount);
  co_return dcrf::response::ok(dcrf::to_json<account_serializer>(row));
}

dcrf::task<dcrf::response> account_consumer::bulk_deposit(payments args) {
  auto all = co_await repository<account>().list({});
  for (const auto& x : all) {
    co_await add(x.id, args.amount);
  }
  co_return dcrf::response::ok(dcrf::json{{"count", all.size()}});
}

} // namespace conformance
