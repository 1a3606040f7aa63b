#include "conformance/objects.hpp"

#include <fmt/format.h>

#include <utility>

namespace conformance {

void user_serializer::prepare(dcrf::validated<user>& data, const dcrf::serializer_context&) {
  if (data.has<&user::password>()) {
    data.set<&user::password>(fmt::format("set:{}", data.get<&user::password>()));
  }
}

const dcrf::serializer_descriptor& sample_consumer::serializer(const dcrf::request& req) const {
  bool is_deep = dcrf::read_arguments<view>(req).depth.value_or(false);
  return is_deep ? dcrf::serializer_of<deep_sample_serializer>()
                 : dcrf::serializer_of<sample_serializer>();
}

dcrf::query<ticket> ticket_consumer::queryset(const dcrf::request&) const {
  return dcrf::query<ticket>{}.order_by<&ticket::title>();
}

dcrf::query<room> member_room_consumer::queryset(const dcrf::request&) const {
  dcrf::query<room> all;
  if (!user().is_authenticated()) {
    return std::move(all).filter(dcrf::column<&room::id>.in({}));
  }
  return std::move(all).filter(dcrf::related_to<&room::current_users>(user().pk));
}

dcrf::task<dcrf::response> room_consumer::subscribe_all(dcrf::request& req) {
  co_await subscribe<every_room>(req);
  co_return dcrf::response::created();
}

} // namespace conformance
