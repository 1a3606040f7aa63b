// expect: is asked by `has_permission`
// expect: is asked about rows by `has_object_permission`
// expect: `has_permission` is private or of another signature
// expect: `can_connect` is private or of another signature
// expect: `has_object_permission` is private or of another signature
// expect: lets everybody in
// expect: a permission is not final
// expect: lists values of classes that derive from dcrf::permission
#include "dcrf/consumer/permissions.hpp"

struct misspelt : dcrf::permission {
  bool has_permision(const dcrf::request&) const { return false; }
  bool has_permission(const dcrf::request&) const { return true; }
};

struct misspelt_for_rows : dcrf::permission {
  bool has_object_permissions(const dcrf::request&, const dcrf::instance&) const { return false; }
  bool has_permission(const dcrf::request&) const { return true; }
};

class hidden : public dcrf::permission {
  bool has_permission(const dcrf::request&) const { return false; }
};

struct of_another_signature : dcrf::permission {
  bool can_connect(const dcrf::user_info&) const { return false; }
};

struct without_row : dcrf::permission {
  bool has_object_permission(const dcrf::request&) const { return false; }
  bool has_permission(const dcrf::request&) const { return true; }
};

struct silent : dcrf::permission {};

struct last final : dcrf::permission {
  bool has_permission(const dcrf::request&) const { return false; }
};

constexpr auto a = dcrf::permissions<misspelt{}>::are_right();
constexpr auto b = dcrf::permissions<!misspelt_for_rows{}>::are_right();
constexpr auto c = dcrf::permissions < dcrf::is_staff && hidden{} > ::are_right();
constexpr auto d = dcrf::permissions<of_another_signature{}>::are_right();
constexpr auto e = dcrf::permissions<without_row{}>::are_right();
constexpr auto f = dcrf::permissions<silent{}>::are_right();
constexpr auto g = dcrf::permissions<last{}>::are_right();
constexpr auto h = dcrf::permissions<7>::are_right();
