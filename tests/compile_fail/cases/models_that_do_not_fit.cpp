// expect: this serializer is one of another model
// expect: after the serializer come mixins
// expect: two mixins of this consumer offer different actions of one name
// expect: pages, filters and lookups are declared by the model_consumer itself
#include "consumers.hpp"

struct foreign : dcrf::model_consumer<foreign, note, person_serializer, dcrf::list_model> {};

struct mixed : dcrf::model_consumer<mixed, note, note_serializer, person_serializer> {};

struct torn
    : dcrf::model_consumer<torn, note, note_serializer, dcrf::crud, dcrf::streamed_list_model> {};

struct derived : dcrf::api_consumer<derived, mixed> {
  using pagination = dcrf::limit_offset_pagination<>;
};

const auto& a = foreign::describe();
const auto& b = mixed::describe();
const auto& c = torn::describe();
const auto& d = derived::describe();
