// expect: which observe_list and observe_count do not ask
#include "consumers.hpp"

struct owns : dcrf::permission {
  bool has_permission(const dcrf::request&) const { return true; }
  bool has_object_permission(const dcrf::request&, const dcrf::instance&) const { return false; }
};

struct unasked
    : dcrf::model_consumer<unasked, note, note_serializer, dcrf::crud, dcrf::observe_list> {
  using permissions = dcrf::permissions<owns{}>;
};

struct meant : dcrf::model_consumer<meant, note, note_serializer, dcrf::crud, dcrf::observe_list> {
  static constexpr bool lists_rows_unasked = true;
  using permissions = dcrf::permissions<owns{}>;
};

const auto& a = meant::describe();
const auto& b = unasked::describe();
