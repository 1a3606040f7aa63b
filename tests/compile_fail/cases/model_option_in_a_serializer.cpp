// expect: an option that is none of a serializer's
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::field<&note::text, dcrf::unique>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
