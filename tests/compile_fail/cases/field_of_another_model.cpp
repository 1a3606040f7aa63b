// expect: are not dcrf::fields<...> of members of its struct
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
  using fields = dcrf::fields<dcrf::text_field<&person::name>>;
};

const auto& checked = dcrf::model_of<thing>();
