// expect: validated_by<&function> wants a function that takes the type of the member
#include "models.hpp"

void check(const double&) {}

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::field<&note::text, dcrf::validated_by<&check>>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
