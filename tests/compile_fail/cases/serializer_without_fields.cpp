// expect: a serializer derives from dcrf::model_serializer<T> and has a list
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {};

const auto& checked = dcrf::serializer_of<note_serializer>();
