// expect: this serializer shows related rows, which must be loaded
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::nested<&note::author, person_serializer>>;
};

const auto checked = dcrf::to_json<note_serializer>(note{});
