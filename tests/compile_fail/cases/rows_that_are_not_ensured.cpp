// expect: a row may have several values of this column
// expect: two rows may have the same values in these members
// expect: two rows may have the same values in these members
// expect: annotated<> is over rows that belong to the row
#include "dcrf/runtime/repository.hpp"

#include "models.hpp"

auto one(const dcrf::repository<note>& notes, const note& draft) {
  return notes.get_or_create<&note::text>(draft);
}
auto two(const dcrf::repository<note>& notes, const note& draft) {
  return notes.update_or_create<&note::text, &note::author>(draft);
}
auto many(const dcrf::repository<note>& notes) { return notes.max<&note::fans, &person::name>({}); }
struct summed : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::annotated<"n", dcrf::sum_of<&note::author, &person::id>>>;
};
const auto& of_one = dcrf::serializer_of<summed>();
