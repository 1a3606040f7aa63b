// expect: follows foreign keys, each to the struct that the next member belongs to
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::renamed<"x", &note::text, &person::name>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
