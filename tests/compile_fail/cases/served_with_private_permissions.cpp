// expect: `permissions` is private or no type
#include "dcrf/session/endpoint.hpp"

#include "consumers.hpp"

class hidden : public dcrf::model_consumer<hidden, note, note_serializer, dcrf::crud> {
  using permissions = dcrf::permissions<dcrf::is_authenticated>;
};

const auto checked = dcrf::endpoint_of<hidden>();
