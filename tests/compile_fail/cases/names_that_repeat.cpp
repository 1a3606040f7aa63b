// expect: two fields of this serializer have the same name
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::field<&note::id>, dcrf::renamed<"id", &note::text>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
