// expect: `has_permission` is private or of another signature
#include "dcrf/session/endpoint.hpp"

#include "consumers.hpp"

struct with_reason : dcrf::permission {
  std::optional<std::string> has_permission(const dcrf::request&) const { return "no"; }
};

struct permitted : dcrf::api_consumer<permitted> {
  using permissions = dcrf::permissions<with_reason{}>;
};

const auto checked = dcrf::endpoint_of<permitted>();
