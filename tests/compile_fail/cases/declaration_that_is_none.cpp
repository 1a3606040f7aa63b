// expect: this is no field that a serializer can show
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<int>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
