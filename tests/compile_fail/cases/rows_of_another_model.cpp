// expect: to_json<Serializer> shows a row of the serializer's own model
// expect: serialized_rows<Serializer> shows rows of the serializer's own model
// expect: create<Serializer> creates a row of the serializer's own model
#include "dcrf/view/serialized_rows.hpp"

#include "consumers.hpp"

const auto a = dcrf::to_json<note_serializer>(person{});

void list(dcrf::view_request& req) {
  dcrf::serialized_rows<note_serializer> rows{req, dcrf::query<person>{}};
}

struct creating : dcrf::api_consumer<creating> {
  dcrf::task<dcrf::json_text> act() {
    person ann;
    co_return co_await create<note_serializer>(ann);
  }
};
