// expect: a decimal field wants digits<Digits, Places>
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
};

const auto& checked = dcrf::model_of<thing>();
