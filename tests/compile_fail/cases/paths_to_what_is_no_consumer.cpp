// expect: a stream is served by a consumer
// expect: a path leads to a consumer or to a demultiplexer
// expect: do not fit its constructor
// expect: two streams have one name
// expect: a demultiplexer lists dcrf::stream
#include "dcrf/consumer/demultiplexer.hpp"
#include "dcrf/session/endpoint.hpp"

#include "consumers.hpp"

struct numbered : dcrf::api_consumer<numbered> {
  explicit numbered(int) {}
};

struct plain : dcrf::api_consumer<plain> {};

const auto a = dcrf::endpoint_of<note>();
const auto b = dcrf::endpoint_of<numbered>();
const auto c =
    dcrf::endpoint_of<dcrf::demultiplexer<dcrf::stream<"a", plain>, dcrf::stream<"a", plain>>>();
const auto d = dcrf::stream<"a", note>::is_right();
const auto e = dcrf::endpoint_of<dcrf::demultiplexer<plain>>();
