// expect: this member is not listed in its struct's BOOST_DESCRIBE_STRUCT
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::field<&note::hidden>>;
};

const auto& checked = dcrf::serializer_of<note_serializer>();
