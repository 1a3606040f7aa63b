#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <stdexcept>

namespace schema_tests {

using namespace dcrf;
using namespace dcrf::store_test;

TEST_CASE("models that others refer to come first", "[schema]") {
  auto models = schema::of<pin, note, place, person>();
  auto place_of = [&](const model_descriptor& x) {
    return std::ranges::find(models.models(), &x) - models.models().begin();
  };
  CHECK(models.models().size() == 4);
  CHECK(place_of(model_of<person>()) < place_of(model_of<place>()));
  CHECK(place_of(model_of<place>()) < place_of(model_of<note>()));
  CHECK(place_of(model_of<note>()) < place_of(model_of<pin>()));
}

TEST_CASE("a schema must be whole and without ambiguity", "[schema]") {
  CHECK_THROWS_WITH((schema::of<note, pin>()),
                    "dcrf: the schema lacks the model \"place\", which \"note\" refers to");
  CHECK_THROWS_AS((schema::of<person, person>()), std::invalid_argument);
  CHECK_NOTHROW(schema::of<>());
}

TEST_CASE("a schema knows who refers to a model", "[schema]") {
  auto models = all_models();
  auto referrers = models.referrers(model_of<person>());
  REQUIRE(referrers.size() == 2);
  CHECK(referrers[0].model == &model_of<place>());
  CHECK(model_of<place>().fields[referrers[0].field].name == "host");
  CHECK(model_of<place>().fields[referrers[1].field].name == "deputy");
  REQUIRE(models.relations_to(model_of<person>()).size() == 1);
  CHECK(models.relations_to(model_of<person>())[0]->name == "members");
  CHECK(models.referrers(model_of<sample>()).empty());
  CHECK(models.find("test_note") == &model_of<note>());
  CHECK(models.find("nothing") == nullptr);
}

} // namespace schema_tests
