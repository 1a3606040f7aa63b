// expect: `depth` is private or no constant
#include "models.hpp"

struct deep : dcrf::model_serializer<note> {
  using fields = dcrf::all_fields;
  int depth = 1;
};

const auto& checked = dcrf::serializer_of<deep>();
