// expect: `validate` is private or of another signature
// expect: `prepare` is private or of another signature
// expect: input as a whole is checked by `static void validate
// expect: all that it shows and takes is listed in `fields`
// expect: a serializer derives from dcrf::model_serializer<T> and has a list `fields`
// expect: shows itself within itself
#include "models.hpp"

class checked : public dcrf::model_serializer<note> {
  static void validate(const dcrf::validated<note>&, const dcrf::serializer_context&) {}

public:
  using fields = dcrf::all_fields;
};

class changed : public dcrf::model_serializer<note> {
  static void prepare(dcrf::validated<note>&, const dcrf::serializer_context&) {}

public:
  using fields = dcrf::all_fields;
};

struct misspelt : dcrf::model_serializer<note> {
  using fields = dcrf::all_fields;
  static void validates(const dcrf::validated<note>&, const dcrf::serializer_context&) {}
};

struct as_in_django : dcrf::model_serializer<note> {
  using fields = dcrf::all_fields;
  using read_only_fields = dcrf::shown<dcrf::field<&note::text>>;
};

class hidden : public dcrf::model_serializer<note> {
  using fields = dcrf::all_fields;
};

struct author_serializer;
struct endless : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::nested<&note::author, author_serializer>>;
};
struct author_serializer : dcrf::model_serializer<person> {
  using fields = dcrf::shown<dcrf::referrers<"notes", &note::author, endless>>;
};

const auto& a = dcrf::serializer_of<checked>();
const auto& b = dcrf::serializer_of<changed>();
const auto& d = dcrf::serializer_of<misspelt>();
const auto& e = dcrf::serializer_of<as_in_django>();
const auto& f = dcrf::serializer_of<hidden>();
const auto& g = dcrf::serializer_of<endless>();
