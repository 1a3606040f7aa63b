// expect: this struct is not described
#include "models.hpp"

struct thing {
  std::int64_t id{};
  std::string name;
};

template <>
struct dcrf::model<thing> {
  static constexpr auto table = "thing";
  using primary_key = dcrf::primary_key<&thing::id>;
};

const auto& checked = dcrf::model_of<thing>();
