#pragma once

// What the tests of a node's parts share: another node, which is linked, as an actor of the test.

#include "dcrf/actors/cluster/internal/links.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dcrf::cluster {

/// Node `a`, which is tested, and node `b` with the database `b 1`.
class linked_nodes {
public:
  explicit linked_nodes(caf::actor_system& system) : other_(system) {
    b = &others.add(caf::actor(other_));
    b->is_linked = true;
    b->who = {.cluster = "dcrf", .name = "b", .address = "b:1", .incarnation = 1, .store = "b 1"};
    b->number = peers.number_of("b");
    peers.link(b->number, "b:1", b->handle);
  }

  /// What b gets next; fails the test if that is about something else.
  std::vector<char> get(topic wanted) {
    std::vector<char> result;
    other_->receive([&](cluster_envelope& x) { result = std::move(x.bytes); });
    REQUIRE(result.size() >= 2);
    CHECK(result[0] == static_cast<char>(protocol_version));
    CHECK(static_cast<int>(result[1]) == static_cast<int>(wanted));
    result.erase(result.begin(), result.begin() + 2);
    return result;
  }

  [[nodiscard]] bool has_said_nothing() { return !other_->has_next_message(); }

  peer_table peers;
  links others{peers};
  identity self{.cluster = "dcrf", .name = "a", .address = "a:1", .incarnation = 1, .store = "a 1"};
  link* b;

private:
  caf::scoped_actor other_;
};

inline std::vector<char> bytes_of(byte_writer x) { return std::move(x).take(); }

} // namespace dcrf::cluster
