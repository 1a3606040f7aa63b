// expect: this serializer shows a member of another struct than its model
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::renamed<"x", &person::name>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
