// expect: a decimal field wants digits<Digits, Places>, and no other does
#include "models.hpp"

struct thing {
  std::int64_t id{};
  double price;
};
BOOST_DESCRIBE_STRUCT(thing, (), (id, price))

template <>
struct dcrf::model<thing> {
  static constexpr auto table = "thing";
  using primary_key = dcrf::primary_key<&thing::id>;
  using fields = dcrf::fields<dcrf::field<&thing::price, dcrf::digits<8, 2>>>;
};

const auto& checked = dcrf::model_of<thing>();
