// expect: a primary key is a std::int64_t, a std::string or a dcrf::uuid
#include "models.hpp"

struct thing {
  std::int64_t id{};
  double size;
};
BOOST_DESCRIBE_STRUCT(thing, (), (id, size))

template <>
struct dcrf::model<thing> {
  static constexpr auto table = "thing";
  using primary_key = dcrf::primary_key<&thing::size>;
};

const auto& checked = dcrf::model_of<thing>();
