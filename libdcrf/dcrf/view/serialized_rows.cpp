#include "dcrf/view/serialized_rows.hpp"

#include "dcrf/json/json_writer.hpp"
#include "dcrf/listing/load_page.hpp"
#include "dcrf/protocol/errors.hpp"
#include "dcrf/view/page_link.hpp"

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

void write_link(json_writer& writer, const scope& asked,
                const std::optional<page::difference>& difference) {
  difference ? writer.text(page_link(asked, *difference)) : writer.null();
}

// A page as DRF shows it: with links to those before and after it.
json_text around(const scope& asked, const page& x, const json_text& results) {
  std::string data;
  json_writer writer{data};
  writer.begin_object();
  if (x.with_count()) {
    writer.key("count").integer(x.count());
  }
  write_link(writer.key("next"), asked, x.next());
  write_link(writer.key("previous"), asked, x.previous());
  writer.key("results").raw(results).end_object();
  return json_text::trusted(std::move(data));
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
  static constexpr pagination_descriptor everything_at_once;
  const auto& pagination = x.pagination == nullptr ? everything_at_once : *x.pagination;
  auto asked = x.req->query_arguments();
  if (x.filters != nullptr) {
    x.filters->apply(asked, x.rows);
  }
  page shown{pagination, asked, std::move(x.rows)};
  auto found = co_await load_page(x.req->runtime(), shown, x.serializer->plan());
  std::string results;
  json_writer writer{results};
  write_json_list(writer, *x.serializer, shown.finish(found.rows, found.count),
                  context_for(*x.req));
  auto data = json_text::trusted(std::move(results));
  bool is_whole = pagination.style == pagination_style::none;
  co_return view_response::ok(is_whole ? data : around(x.req->scope(), shown, data));
}

task<row> find_row(row_access x) {
  command retrieve;
  retrieve.body = retrieve_command{.where = looked_up(x), .plan = x.serializer->plan()};
  store_call call{x.req->runtime().where(), std::move(retrieve)};
  auto found = co_await call;
  if (x.check) {
    x.check(instance{*x.rows.model, found.rows.front().values});
  }
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
  auto found = co_await find_row(x);
  instance as_it_is{*x.rows.model, found.values};
  auto context = context_for(*x.req);
  context.instance = &as_it_is;
  auto input = read_input(*x.serializer, x.req->data_view(), context, is_partial);
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

task<view_response> destroy_row(row_access x, row_hook before) {
  auto found = co_await find_row(x);
  if (before) {
    instance as_it_is{*x.rows.model, found.values};
    co_await before(as_it_is);
  }
  command destroy;
  destroy.body = delete_command{.where = looked_up(x)};
  store_call call{x.req->runtime().where(), std::move(destroy)};
  co_await call;
  co_return view_response::no_content();
}

} // namespace dcrf::detail
