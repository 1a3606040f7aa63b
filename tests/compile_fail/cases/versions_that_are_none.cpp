// expect: version<&model::member> wants a std::int64_t member
// expect: version<&model::member> wants a std::int64_t member
// expect: the version of a row is not its primary key
// expect: a model has one version<> at the most
#include "models.hpp"

struct text_version {
  std::int64_t id{};
  std::string revision;
};
BOOST_DESCRIBE_STRUCT(text_version, (), (id, revision))
struct null_version {
  std::int64_t id{};
  std::optional<std::int64_t> revision;
};
BOOST_DESCRIBE_STRUCT(null_version, (), (id, revision))
struct key_version {
  std::int64_t id{};
};
BOOST_DESCRIBE_STRUCT(key_version, (), (id))
struct two_versions {
  std::int64_t id{};
  std::int64_t one{};
  std::int64_t two{};
};
BOOST_DESCRIBE_STRUCT(two_versions, (), (id, one, two))

template <>
struct dcrf::model<text_version> {
  static constexpr auto table = "a";
  using primary_key = dcrf::primary_key<&text_version::id>;
  using fields = dcrf::fields<dcrf::version<&text_version::revision>>;
};
template <>
struct dcrf::model<null_version> {
  static constexpr auto table = "b";
  using primary_key = dcrf::primary_key<&null_version::id>;
  using fields = dcrf::fields<dcrf::version<&null_version::revision>>;
};
template <>
struct dcrf::model<key_version> {
  static constexpr auto table = "c";
  using primary_key = dcrf::primary_key<&key_version::id>;
  using fields = dcrf::fields<dcrf::version<&key_version::id>>;
};
template <>
struct dcrf::model<two_versions> {
  static constexpr auto table = "d";
  using primary_key = dcrf::primary_key<&two_versions::id>;
  using fields = dcrf::fields<dcrf::version<&two_versions::one>, dcrf::version<&two_versions::two>>;
};

const auto& a = dcrf::model_of<text_version>();
const auto& b = dcrf::model_of<null_version>();
const auto& c = dcrf::model_of<key_version>();
const auto& d = dcrf::model_of<two_versions>();
