// expect: max_length<Length> is for text fields
#include "models.hpp"

struct thing {
  std::int64_t id{};
  double size;
};
BOOST_DESCRIBE_STRUCT(thing, (), (id, size))

template <>
struct dcrf::model<thing> {
  static constexpr auto table = "thing";
  using primary_key = dcrf::primary_key<&thing::id>;
  using fields = dcrf::fields<dcrf::field<&thing::size, dcrf::max_length<3>>>;
};

const auto& checked = dcrf::model_of<thing>();
