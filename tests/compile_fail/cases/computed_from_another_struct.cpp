// expect: the function of a computed field wants a row of the serializer's model
#include "models.hpp"

std::string shout(const person& x) { return x.name; }

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::computed<"x", &shout>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
