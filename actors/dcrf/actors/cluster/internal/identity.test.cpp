#include "dcrf/actors/cluster/internal/identity.hpp"

#include <catch2/catch.hpp>

namespace dcrf::cluster::identity_tests {

TEST_CASE("a node says who it is", "[cluster][identity]") {
  identity said{"dcrf", "a", "10.0.0.1:9000", 7, 1ULL << 63, "a 7"};
  byte_writer out;
  write(out, said);
  auto bytes = std::move(out).take();
  byte_reader in{bytes};
  auto heard = read_identity(in);
  in.finish();
  CHECK(heard.cluster == said.cluster);
  CHECK(heard.name == said.name);
  CHECK(heard.address == said.address);
  CHECK(heard.incarnation == said.incarnation);
  CHECK(heard.fingerprint == said.fingerprint);
  CHECK(heard.store == said.store);
}

TEST_CASE("a node of another cluster, or with the same name, is not let in",
          "[cluster][identity]") {
  identity self{.cluster = "dcrf", .name = "a"};
  CHECK(objection(self, {.cluster = "dcrf", .name = "b"}).empty());
  CHECK(objection(self, {.cluster = "other", .name = "b"})
        == "it belongs to the cluster other, not dcrf");
  CHECK(objection(self, {.cluster = "dcrf", .name = "a"}) == "this node has the name a itself");
}

} // namespace dcrf::cluster::identity_tests
