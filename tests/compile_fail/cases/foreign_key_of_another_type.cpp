// expect: a foreign key has the type of the primary key that it refers to
#include "models.hpp"

struct thing {
  std::int64_t id{};
  std::string owner;
};
BOOST_DESCRIBE_STRUCT(thing, (), (id, owner))

template <>
struct dcrf::model<thing> {
  static constexpr auto table = "thing";
  using primary_key = dcrf::primary_key<&thing::id>;
  using fields = dcrf::fields<dcrf::foreign_key<&thing::owner, person, dcrf::on_delete::cascade>>;
};

const auto& checked = dcrf::model_of<thing>();
