// expect: this means nothing in a model
// expect: the model's `fields` are private or no type
#include "models.hpp"

struct thing {
  std::int64_t id{};
};
BOOST_DESCRIBE_STRUCT(thing, (), (id))

template <>
struct dcrf::model<thing> {
  static constexpr auto table = "thing";
  using primary_key = dcrf::primary_key<&thing::id>;
  using unique_together = dcrf::unique_together<&thing::id, &thing::id>;
};

struct other {
  std::int64_t id{};
};
BOOST_DESCRIBE_STRUCT(other, (), (id))

template <>
class dcrf::model<other> {
  using fields = dcrf::fields<>;

public:
  static constexpr auto table = "other";
  using primary_key = dcrf::primary_key<&other::id>;
};

const auto& a = dcrf::model_of<thing>();
const auto& b = dcrf::model_of<other>();
