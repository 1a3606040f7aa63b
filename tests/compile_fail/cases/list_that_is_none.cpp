// expect: are dcrf::shown<...> or dcrf::all_fields
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields = int;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
