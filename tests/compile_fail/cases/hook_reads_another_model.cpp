// expect: this member belongs to another struct than the serializer's model
#include "models.hpp"

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::all_fields;
};

bool checked(dcrf::validated<note>& data) { return data.has<&person::name>(); }
