// expect: wants a foreign key or a many_to_many member
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::nested<&note::text, person_serializer>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
