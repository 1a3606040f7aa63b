// expect: write `static void prepare
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::all_fields;

  static void prepare(int) {}
};

const auto& checked = dcrf::serializer_of<note_serializer>();
