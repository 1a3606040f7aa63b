// expect: give the row a name first: `message draft
// expect: creates rows of its own model only
// expect: this struct is none: specialise dcrf::model
// expect: related<&model::member>.key. wants a many_to_many member
// expect: bulk_update<&model::member> wants a member of the repository's model
#include "dcrf/runtime/runtime.hpp"

#include "models.hpp"

struct plain {};

void misuse(const dcrf::runtime& within) {
  (void)within.repository<note>().create(note{});
  person somebody;
  (void)within.repository<note>().create(somebody);
  within.repository<plain>();
  (void)within.related<&note::author>(1);
  (void)within.repository<note>().bulk_update<&person::name>({}, "ann");
}
