// expect: a demultiplexer has no permissions, throttles, actions or hooks of its own
#include "dcrf/consumer/demultiplexer.hpp"
#include "dcrf/session/endpoint.hpp"

#include "consumers.hpp"

struct open : dcrf::api_consumer<open> {
  using permissions = dcrf::permissions<dcrf::allow_any>;
};
struct site : dcrf::demultiplexer<dcrf::stream<"a", open>> {
  using permissions = dcrf::permissions<dcrf::is_staff>;
};

const auto checked = dcrf::endpoint_of<site>();
