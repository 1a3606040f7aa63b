#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/observer/model_observer.hpp"

#include <cstdint>
#include <string>

// What the examples of docs/composing.md share.

// [model]
namespace kitchen {

struct order {
  std::int64_t id{};
  std::int64_t table{};
  std::string dish;
};
BOOST_DESCRIBE_STRUCT(order, (), (id, table, dish))

} // namespace kitchen

template <>
struct dcrf::model<kitchen::order> {
  static constexpr auto table = "kitchen_order";
  using primary_key = dcrf::primary_key<&kitchen::order::id>;
  using fields = dcrf::fields<dcrf::text_field<&kitchen::order::dish, dcrf::max_length<50>>>;
};

namespace kitchen {

// Who watches the orders of a table is told of each.
struct orders_of_table : dcrf::model_observer<order> {
  using groups = dcrf::by<&order::table>;
};

class order_consumer : public dcrf::api_consumer<order_consumer> {};
// [model]

} // namespace kitchen
