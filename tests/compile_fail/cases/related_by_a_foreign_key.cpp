// expect: wants a many_to_many member
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::related<"x", &note::author, dcrf::keys_only>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
