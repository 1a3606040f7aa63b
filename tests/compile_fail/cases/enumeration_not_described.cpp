// expect: this member's type can't be a field of a model
#include "models.hpp"

enum class shade { light, dark };

struct thing {
  std::int64_t id{};
  shade colour;
};
BOOST_DESCRIBE_STRUCT(thing, (), (id, colour))

template <>
struct dcrf::model<thing> {
  static constexpr auto table = "thing";
  using primary_key = dcrf::primary_key<&thing::id>;
};

const auto& checked = dcrf::model_of<thing>();
