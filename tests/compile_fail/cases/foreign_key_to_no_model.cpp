// expect: a foreign key refers to a struct that is no model
#include "models.hpp"

struct stranger {};

struct thing {
  std::int64_t id{};
  std::int64_t owner;
};
BOOST_DESCRIBE_STRUCT(thing, (), (id, owner))

template <>
struct dcrf::model<thing> {
  static constexpr auto table = "thing";
  using primary_key = dcrf::primary_key<&thing::id>;
  using fields = dcrf::fields<dcrf::foreign_key<&thing::owner, stranger, dcrf::on_delete::cascade>>;
};

const auto& checked = dcrf::model_of<thing>();
