// expect: auto_now<&model::member> wants a timestamp or a date member
#include "models.hpp"

struct thing {
  std::int64_t id{};
  std::string at;
};
BOOST_DESCRIBE_STRUCT(thing, (), (id, at))

template <>
struct dcrf::model<thing> {
  static constexpr auto table = "thing";
  using primary_key = dcrf::primary_key<&thing::id>;
  using fields = dcrf::fields<dcrf::auto_now<&thing::at>>;
};

const auto& checked = dcrf::model_of<thing>();
