#include "dcrf/actors/cluster/internal/identity.hpp"

#include <fmt/format.h>

namespace dcrf::cluster {

void write(byte_writer& out, const identity& x) {
  out.text(x.cluster);
  out.text(x.name);
  out.text(x.address);
  out.number(x.incarnation);
  out.number(x.fingerprint);
  out.text(x.store);
}

identity read_identity(byte_reader& in) {
  identity result;
  in.text(result.cluster);
  in.text(result.name);
  in.text(result.address);
  in.number(result.incarnation);
  in.number(result.fingerprint);
  in.text(result.store);
  return result;
}

std::string objection(const identity& self, const identity& other) {
  if (other.cluster != self.cluster) {
    return fmt::format("it belongs to the cluster {}, not {}", other.cluster, self.cluster);
  }
  if (other.name == self.name) {
    return fmt::format("this node has the name {} itself", other.name);
  }
  return {};
}

} // namespace dcrf::cluster
