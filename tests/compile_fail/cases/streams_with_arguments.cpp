// expect: a stream's consumer is made without arguments
#include "dcrf/consumer/demultiplexer.hpp"
#include "dcrf/session/endpoint.hpp"

#include "consumers.hpp"

struct numbered : dcrf::api_consumer<numbered> {
  explicit numbered(int) {}
};
struct site : dcrf::demultiplexer<dcrf::stream<"a", numbered>> {};

const auto checked = dcrf::endpoint_of<site>();
