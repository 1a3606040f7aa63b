// expect: must be a free or static one that takes one argument
#include "models.hpp"

int both(const note&, const note&) { return 0; }

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::computed<"x", &both>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
