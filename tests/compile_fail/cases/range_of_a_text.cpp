// expect: value_range<Minimum, Maximum> is for numbers
#include "models.hpp"

struct thing {
  std::int64_t id{};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(thing, (), (id, name))

template <>
struct dcrf::model<thing> {
  static constexpr auto table = "thing";
  using primary_key = dcrf::primary_key<&thing::id>;
  using fields = dcrf::fields<dcrf::text_field<&thing::name, dcrf::value_range<1, 2>>>;
};

const auto& checked = dcrf::model_of<thing>();
