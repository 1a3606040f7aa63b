// expect: a computed field can't be written as JSON
#include "models.hpp"

note self(const note& x) { return x; }

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::computed<"x", &self>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
