// expect: which observe_list and observe_count do not ask
// expect: which observe_list and observe_count do not ask
#include "consumers.hpp"

struct owns : dcrf::permission {
  bool has_object_permission(const dcrf::request&, const dcrf::instance&) const { return false; }
};

struct everybodys : dcrf::model_consumer<everybodys, note, note_serializer, dcrf::observe_list> {
  using permissions = dcrf::permissions<dcrf::allow_any>;
};
struct narrowed : dcrf::api_consumer<narrowed, everybodys> {
  using permissions = dcrf::permissions<owns{}>;
};
struct meant : dcrf::api_consumer<meant, everybodys> {
  static constexpr bool lists_rows_unasked = true;
  using permissions = dcrf::permissions<owns{}>;
};
struct counted : dcrf::model_consumer<counted, note, note_serializer, dcrf::observe_count> {
  using permissions = dcrf::permissions<owns{}>;
};

const auto& a = everybodys::describe();
const auto& b = narrowed::describe();
const auto& c = meant::describe();
const auto& d = counted::describe();
