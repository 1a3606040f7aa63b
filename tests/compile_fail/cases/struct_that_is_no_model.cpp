// expect: dcrf::model<T> is not specialised for this struct
#include "models.hpp"

struct thing {
  std::int64_t id{};
};
BOOST_DESCRIBE_STRUCT(thing, (), (id))

const auto& checked = dcrf::model_of<thing>();
