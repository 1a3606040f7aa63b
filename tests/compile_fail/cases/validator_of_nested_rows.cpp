// expect: validated_by<> checks input, and nested<> is read-only
#include "models.hpp"

void check(const std::int64_t&) {}

struct note_serializer : dcrf::model_serializer<note> {
  using fields =
      dcrf::shown<dcrf::nested<&note::author, person_serializer, dcrf::validated_by<&check>>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
