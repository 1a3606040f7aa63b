// expect: this class is not the one that its base is told of
#include "dcrf/session/endpoint.hpp"

#include "consumers.hpp"

struct base_consumer
    : dcrf::model_consumer<base_consumer, note, note_serializer, dcrf::list_model> {};

struct derived : base_consumer {
  using permissions = dcrf::permissions<dcrf::is_authenticated>;
};

const auto checked = dcrf::endpoint_of<derived>();
