// expect: write `static void validate
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::all_fields;

  static void validate(note) {}
};

const auto& checked = dcrf::serializer_of<note_serializer>();
