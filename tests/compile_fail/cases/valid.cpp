#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields =
      dcrf::shown<dcrf::field<&note::id>, dcrf::nested<&note::author, person_serializer>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
