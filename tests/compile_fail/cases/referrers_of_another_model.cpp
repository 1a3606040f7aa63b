// expect: refers to another model than the serializer's
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::referrers<"x", &note::author, dcrf::keys_only>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
