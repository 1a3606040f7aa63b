// expect: the serializer given for related rows is one for another model
#include "models.hpp"

struct other_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::all_fields;
};

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::nested<&note::author, other_serializer>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
