#include "conformance/links.hpp"

#include <nlohmann/json.hpp>

namespace conformance {

dcrf::task<dcrf::response> linked_team_consumer::find_team(std::string name) {
  auto named = dcrf::query<team>{}.filter(dcrf::column<&team::name> == name);
  auto found = co_await repository<team>().first(named);
  if (!found) {
    co_return dcrf::response::ok();
  }
  co_return dcrf::response::ok(dcrf::json{{"pk", found->id}});
}

const dcrf::serializer_descriptor&
linked_profile_consumer::serializer(const dcrf::request& req) const {
  bool is_deep = dcrf::read_arguments<view>(req).deep.value_or(false);
  return is_deep ? dcrf::serializer_of<deep_profile_serializer>()
                 : dcrf::serializer_of<linked_profile_serializer>();
}

} // namespace conformance
