#pragma once

#include "dcrf/model/bytes.hpp"

#include <cstdint>
#include <string>

namespace dcrf::cluster {

/// Who a node is, as it tells others.
struct identity {
  std::string cluster;
  std::string name;
  std::string address;
  /// Grows with each start of a node of that name.
  std::uint64_t incarnation = 0;
  std::uint64_t fingerprint = 0;
  /// Names the database of the node; empty if it has none. Nodes that have the same one find each
  /// other's changes in it.
  std::string store;
};

void write(byte_writer& out, const identity& x);
identity read_identity(byte_reader& in);

/// Why a node can't let another one in, by what they are; empty if it can.
[[nodiscard]] std::string objection(const identity& self, const identity& other);

} // namespace dcrf::cluster
