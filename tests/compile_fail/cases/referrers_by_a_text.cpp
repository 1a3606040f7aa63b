// expect: wants a foreign key
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::referrers<"x", &note::text, dcrf::keys_only>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
