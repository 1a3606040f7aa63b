#pragma once

#include "dcrf/consumer/model_consumer.hpp"

#include "models.hpp"

// What the cases about consumers misuse besides.

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::all_fields;
};
