#pragma once

#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/observer/model_observer.hpp"

#include <cstdint>

#include "conformance/models.hpp"

namespace conformance {

struct account_serializer : dcrf::model_serializer<account> {
  using fields = dcrf::all_fields;
};

/// Accounts, among which amounts are moved: the sum of all balances changes by deposits only.
class account_consumer
    : public dcrf::model_consumer<account_consumer, account, account_serializer, dcrf::crud,
                                  dcrf::observe_instance, dcrf::observe_list, dcrf::observe_count> {
public:
  struct every_account : dcrf::model_observer<account, account_serializer> {};

  using filterset_fields =
      dcrf::filterset_fields<dcrf::filter_by<&account::owner>,
                             dcrf::filter_by<&account::balance, "exact", "gte", "lt">>;
  using search_fields = dcrf::search_fields<&account::owner>;
  using ordering_fields = dcrf::ordering_fields<&account::id, &account::owner, &account::balance>;

  struct movement {
    std::int64_t from;
    std::int64_t to;
    std::int32_t amount;
    BOOST_DESCRIBE_CLASS(movement, (), (from, to, amount), (), ())
  };

  struct payment {
    std::int64_t pk;
    std::int32_t amount;
    BOOST_DESCRIBE_CLASS(payment, (), (pk, amount), (), ())
  };

  struct payments {
    std::int32_t amount;
    BOOST_DESCRIBE_CLASS(payments, (), (amount), (), ())
  };

  dcrf::task<dcrf::response> subscribe_all(dcrf::request& req);
  dcrf::response unsubscribe_all(dcrf::request& req);
  /// Takes from one account and gives to another.
  dcrf::task<dcrf::response> transfer(movement args);
  dcrf::task<dcrf::response> deposit(payment args);
  dcrf::task<dcrf::response> bulk_deposit(payments args);

  using actions =
      dcrf::actions<dcrf::action<"subscribe_all", &account_consumer::subscribe_all>,
                    dcrf::action<"unsubscribe_all", &account_consumer::unsubscribe_all>,
                    dcrf::atomic_action<"transfer", &account_consumer::transfer>,
                    dcrf::atomic_action<"deposit", &account_consumer::deposit>,
                    dcrf::atomic_action<"bulk_deposit", &account_consumer::bulk_deposit>>;
};

} // namespace conformance
