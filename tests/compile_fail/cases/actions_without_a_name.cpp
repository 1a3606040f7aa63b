// expect: an action has a name, by which clients call it
#include "dcrf/session/endpoint.hpp"

#include "consumers.hpp"

struct acting : dcrf::api_consumer<acting> {
  dcrf::response act() { return dcrf::response::ok(); }
  using actions = dcrf::actions<dcrf::action<"", &acting::act>>;
};

const auto checked = dcrf::endpoint_of<acting>();
