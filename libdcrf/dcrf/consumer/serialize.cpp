#include "dcrf/consumer/serialize.hpp"

#include "dcrf/protocol/scope.hpp"

namespace dcrf::detail {

task<json_text> serialize_rows(const runtime& within, selection rows,
                               const serializer_descriptor& serializer, const user_info* user) {
  command list;
  list.body = list_command{.rows = std::move(rows), .plan = serializer.plan()};
  store_call call{within.where(), std::move(list)};
  auto found = co_await call;
  std::string result;
  json_writer writer{result};
  serializer_context context;
  context.user = user;
  write_json_list(writer, serializer, found.rows, context);
  co_return json_text::trusted(std::move(result));
}

task<json_text> serialize_row(const runtime& within, key x, const serializer_descriptor& serializer,
                              const user_info* user) {
  auto retrieve = one_of(*serializer.model, x);
  std::get<retrieve_command>(retrieve.body).plan = serializer.plan();
  store_call call{within.where(), std::move(retrieve)};
  auto found = co_await call;
  serializer_context context;
  context.user = user;
  co_return shown_row(serializer, found.rows.front(), context);
}

} // namespace dcrf::detail
