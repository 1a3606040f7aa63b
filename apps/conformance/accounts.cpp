#include "conformance/accounts.hpp"

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

dcrf::task<dcrf::response> account_consumer::transfer(movement args) {
  auto accounts = repository<account>();
  auto amount = std::int64_t{args.amount};
  auto from = co_await accounts.update(args.from, dcrf::increment<&account::balance>(-amount));
  auto to = co_await accounts.update(args.to, dcrf::increment<&account::balance>(amount));
  co_return dcrf::response::ok(dcrf::json{{"from", from.balance}, {"to", to.balance}});
}

dcrf::task<dcrf::response> account_consumer::deposit(payment args) {
  co_return dcrf::response::ok(co_await update<account_serializer>(
      args.pk, dcrf::increment<&account::balance>(args.amount)));
}

dcrf::task<dcrf::response> account_consumer::bulk_deposit(payments args) {
  dcrf::query<account> everybody;
  auto count = co_await repository<account>().bulk_update(
      everybody, dcrf::bulk_events::on, dcrf::increment<&account::balance>(args.amount));
  co_return dcrf::response::ok(dcrf::json{{"count", count}});
}

} // namespace conformance
