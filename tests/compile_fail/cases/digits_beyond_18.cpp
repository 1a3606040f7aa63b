// expect: allows 1 to 18 digits
#include "models.hpp"

struct thing {
  std::int64_t id{};
  dcrf::decimal price;
};
BOOST_DESCRIBE_STRUCT(thing, (), (id, price))

template <>
struct dcrf::model<thing> {
  static constexpr auto table = "thing";
  using primary_key = dcrf::primary_key<&thing::id>;
  using fields = dcrf::fields<dcrf::field<&thing::price, dcrf::digits<19, 2>>>;
};

const auto& checked = dcrf::model_of<thing>();
