// expect: `actions` lists a method of another class
#include "dcrf/session/endpoint.hpp"

#include "consumers.hpp"

struct plain {
  dcrf::response act() { return dcrf::response::ok(); }
};

struct acting : dcrf::api_consumer<acting> {
  using actions = dcrf::actions<dcrf::action<&plain::act>>;
};

const auto checked = dcrf::endpoint_of<acting>();
