// expect: this member is not listed in its struct's BOOST_DESCRIBE_STRUCT
#include "models.hpp"

struct thing {
  std::int64_t id{};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(thing, (), (id))

template <>
struct dcrf::model<thing> {
  static constexpr auto table = "thing";
  using primary_key = dcrf::primary_key<&thing::id>;
  using fields = dcrf::fields<dcrf::text_field<&thing::name>>;
};

const auto& checked = dcrf::model_of<thing>();
