#include "dcrf/view/serialized_rows.hpp"

#include "dcrf/consumer/errors.hpp"
#include "dcrf/json/json_writer.hpp"

#include <algorithm>
#include <utility>

namespace dcrf::detail {

namespace {

serializer_context context_for(const view_request& req) {
  serializer_context result;
  result.scope = &req.scope();
  result.user = &req.user();
  result.action = req.action();
  return result;
}

lookup looked_up(const row_access& x) {
  const auto* given = x.req->find_parameter(x.parameter);
  if (given == nullptr) {
    throw not_found();
  }
  auto view = x.req->runtime().where().reader().read(given->str());
  auto key = read_key(x.rows.model->fields[x.field], view);
  if (!key) {
    throw not_found();
  }
  return {.model = x.rows.model, .key = std::move(*key), .field = x.field, .where = x.rows.where};
}

// DRF tells where a new row is, if the serializer shows that.
void add_location(view_response& response, const row_access& x, const json_text& data) {
  auto has_url = std::ranges::any_of(
      x.serializer->fields, [](const serializer_field& field) { return field.name == "url"; });
  if (!has_url) {
    return;
  }
  auto url = x.req->runtime().where().reader().read(data.str()).find("url");
  if (url && url->type() == json_type::text) {
    response.header("Location", url->text());
  }
}

} // namespace

json_text shown_row(const row_access& x, const row& found) {
  std::string result;
  json_writer writer{result};
  write_json(writer, *x.serializer, found, context_for(*x.req));
  return json_text::trusted(std::move(result));
}

task<view_response> list_rows(row_access x) {
  command list;
  list.body = list_command{.rows = x.rows, .plan = x.serializer->plan()};
  store_call call{x.req->runtime().where(), std::move(list)};
  auto found = co_await call;
  std::string data;
  json_writer writer{data};
  write_json_list(writer, *x.serializer, found.rows, context_for(*x.req));
  co_return view_response::ok(json_text::trusted(std::move(data)));
}

task<row> find_row(row_access x) {
  command retrieve;
  retrieve.body = retrieve_command{.where = looked_up(x), .plan = x.serializer->plan()};
  store_call call{x.req->runtime().where(), std::move(retrieve)};
  auto found = co_await call;
  co_return std::move(found.rows.front());
}

task<view_response> retrieve_row(row_access x) {
  auto found = co_await find_row(x);
  co_return view_response::ok(shown_row(x, found));
}

task<view_response> create_row(row_access x, input_hook before) {
  auto input = read_input(*x.serializer, x.req->data_view(), context_for(*x.req), false);
  if (before && !input.has_errors()) {
    co_await before(input);
  }
  command create;
  create.body = create_command{.model = x.rows.model,
                               .values = input.to_record(),
                               .related = std::move(input.related),
                               .errors = std::move(input.errors),
                               .given = input.given(),
                               .plan = x.serializer->plan()};
  store_call call{x.req->runtime().where(), std::move(create)};
  auto created = co_await call;
  auto data = shown_row(x, created.rows.front());
  auto result = view_response::created(data);
  add_location(result, x, data);
  co_return result;
}

task<view_response> update_row(row_access x, bool is_partial, input_hook before) {
  auto where = looked_up(x);
  auto input = read_input(*x.serializer, x.req->data_view(), context_for(*x.req), is_partial);
  if (before && !input.has_errors()) {
    co_await before(input);
  }
  command update;
  update.body = update_command{.where = std::move(where),
                               .changes = std::move(input.changes),
                               .related = std::move(input.related),
                               .errors = std::move(input.errors),
                               .plan = x.serializer->plan()};
  store_call call{x.req->runtime().where(), std::move(update)};
  auto updated = co_await call;
  co_return view_response::ok(shown_row(x, updated.rows.front()));
}

task<view_response> destroy_row(row_access x) {
  command destroy;
  destroy.body = delete_command{.where = looked_up(x)};
  store_call call{x.req->runtime().where(), std::move(destroy)};
  co_await call;
  co_return view_response::no_content();
}

} // namespace dcrf::detail
