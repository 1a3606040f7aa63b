// expect: has another model at its far side
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::related<"x", &note::fans, dcrf::keys_only>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
