// expect: primary key is not listed in its BOOST_DESCRIBE_STRUCT
#include "models.hpp"

struct thing {
  std::int64_t id{};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(thing, (), (name))

template <>
struct dcrf::model<thing> {
  static constexpr auto table = "thing";
  using primary_key = dcrf::primary_key<&thing::id>;
};

const auto& checked = dcrf::model_of<thing>();
