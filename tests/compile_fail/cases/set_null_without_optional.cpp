// expect: on_delete::set_null wants a std::optional member
#include "models.hpp"

struct thing {
  std::int64_t id{};
  std::int64_t owner;
};
BOOST_DESCRIBE_STRUCT(thing, (), (id, owner))

template <>
struct dcrf::model<thing> {
  static constexpr auto table = "thing";
  using primary_key = dcrf::primary_key<&thing::id>;
  using fields = dcrf::fields<dcrf::foreign_key<&thing::owner, person, dcrf::on_delete::set_null>>;
};

const auto& checked = dcrf::model_of<thing>();
