#include "dcrf/consumer/serialize.hpp"

#include "dcrf/protocol/scope.hpp"

#include <utility>

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

namespace {

// Shows the row that a command answers.
task<json_text> serialize_answer(const runtime& within, command x,
                                 const serializer_descriptor& serializer, const user_info* user) {
  store_call call{within.where(), std::move(x)};
  auto written = co_await call;
  serializer_context context;
  context.user = user;
  co_return shown_row(serializer, written.rows.front(), context);
}

} // namespace

task<json_text> create_and_serialize(const runtime& within, record values,
                                     const serializer_descriptor& serializer,
                                     const user_info* user) {
  auto create = creation_of(*serializer.model, std::move(values));
  std::get<create_command>(create.body).plan = serializer.plan();
  return serialize_answer(within, std::move(create), serializer, user);
}

task<json_text> update_and_serialize(const runtime& within, record values,
                                     const serializer_descriptor& serializer,
                                     const user_info* user) {
  auto update = update_of(*serializer.model, std::move(values));
  std::get<update_command>(update.body).plan = serializer.plan();
  return serialize_answer(within, std::move(update), serializer, user);
}

task<json_text> update_and_serialize(const runtime& within, update_command x,
                                     const serializer_descriptor& serializer,
                                     const user_info* user) {
  x.plan = serializer.plan();
  return serialize_answer(within, command_of(std::move(x)), serializer, user);
}

void clean(update_command& x) { clean_values(*x.where.model, x.changes); }

} // namespace dcrf::detail
