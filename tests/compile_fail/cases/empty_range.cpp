// expect: value_range<Minimum, Maximum> is empty
#include "models.hpp"

struct thing {
  std::int64_t id{};
  std::int32_t count;
};
BOOST_DESCRIBE_STRUCT(thing, (), (id, count))

template <>
struct dcrf::model<thing> {
  static constexpr auto table = "thing";
  using primary_key = dcrf::primary_key<&thing::id>;
  using fields = dcrf::fields<dcrf::field<&thing::count, dcrf::value_range<2, 1>>>;
};

const auto& checked = dcrf::model_of<thing>();
