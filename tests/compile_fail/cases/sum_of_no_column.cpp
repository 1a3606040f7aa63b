// expect: this aggregate wants a column: sum_of<&model::member>
#include "dcrf/runtime/repository.hpp"

#include "models.hpp"

auto nothing(const dcrf::repository<note>& notes) {
  return notes.aggregate(dcrf::query<note>{}, dcrf::max_of<>);
}
