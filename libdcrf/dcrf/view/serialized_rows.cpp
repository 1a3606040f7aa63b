#include "dcrf/view/serialized_rows.hpp"

#include "dcrf/json/json_writer.hpp"
#include "dcrf/protocol/errors.hpp"
#include "dcrf/view/internal/page_link.hpp"

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

row_operations operations(const row_access& x, row_request& asking) {
  return {x.req->runtime(), *x.serializer, context_for(*x.req), asking};
}

// Functions as a row_request, which they may not outlive.
class hooked_request final : public row_request {
public:
  hooked_request(const view_request& req, const row_functions& hooks)
      : req_(&req), hooks_(&hooks) {}

  [[nodiscard]] row_hooks hooks() const override {
    return {.checks_rows = hooks_->check != nullptr,
            .before_writes =
                hooks_->before_create || hooks_->before_update || hooks_->before_delete,
            .after_writes = hooks_->after_create || hooks_->after_update,
            .after_deletes = hooks_->after_delete != nullptr};
  }
  [[nodiscard]] json_view data() const override { return req_->data_view(); }

  void check(const instance& x) const override { hooks_->check(x); }
  task<> before_create(validated_input& x) override { return called(hooks_->before_create, x); }
  task<> before_update(validated_input& x) override { return called(hooks_->before_update, x); }
  task<> before_delete(const instance& x) override { return called(hooks_->before_delete, x); }
  task<> after_create(const instance& x) override { return called(hooks_->after_create, x); }
  task<> after_update(const instance& x) override { return called(hooks_->after_update, x); }
  task<> after_delete(const instance& x) override { return called(hooks_->after_delete, x); }

private:
  template <class Function, class Argument>
  static task<> called(const Function& function, Argument& x) {
    return function ? function(x) : task<>{};
  }

  const view_request* req_;
  const row_functions* hooks_;
};

} // namespace

task<view_response> list_rows(row_access x, row_request& asking) {
  static constexpr pagination_descriptor everything_at_once;
  const auto& pagination = x.pagination == nullptr ? everything_at_once : *x.pagination;
  auto asked = x.req->query_arguments();
  if (x.filters != nullptr) {
    x.filters->apply(asked, x.rows);
  }
  page shown{pagination, asked, std::move(x.rows)};
  auto rows = operations(x, asking);
  auto results = value_or_throw(co_await rows.list(shown));
  bool is_whole = pagination.style == pagination_style::none;
  co_return view_response::ok(is_whole ? results : around(x.req->scope(), shown, results));
}

task<row> find_row(row_access x, row_request& asking) {
  auto rows = operations(x, asking);
  auto where = looked_up(x);
  co_return value_or_throw(co_await rows.retrieve(std::move(where)));
}

task<view_response> retrieve_row(row_access x, row_request& asking) {
  auto rows = operations(x, asking);
  auto where = looked_up(x);
  auto found = value_or_throw(co_await rows.retrieve(std::move(where)));
  co_return view_response::ok(rows.shown(found));
}

task<view_response> create_row(row_access x, row_request& asking) {
  auto rows = operations(x, asking);
  auto created = value_or_throw(co_await rows.create());
  auto data = rows.shown(created);
  auto result = view_response::created(data);
  add_location(result, x, data);
  co_return result;
}

task<view_response> update_row(row_access x, bool is_partial, row_request& asking) {
  auto rows = operations(x, asking);
  auto where = looked_up(x);
  auto updated = value_or_throw(co_await rows.update(std::move(where), is_partial));
  co_return view_response::ok(rows.shown(updated));
}

task<view_response> destroy_row(row_access x, row_request& asking) {
  auto rows = operations(x, asking);
  auto where = looked_up(x);
  value_or_throw(co_await rows.remove(std::move(where)));
  co_return view_response::no_content();
}

task<view_response> run_row_action(row_action which, row_access x, row_functions hooks) {
  hooked_request asking{*x.req, hooks};
  switch (which) {
  case row_action::list:
    co_return co_await list_rows(std::move(x), asking);
  case row_action::retrieve:
    co_return co_await retrieve_row(std::move(x), asking);
  case row_action::create:
    co_return co_await create_row(std::move(x), asking);
  case row_action::update:
    co_return co_await update_row(std::move(x), false, asking);
  case row_action::partial_update:
    co_return co_await update_row(std::move(x), true, asking);
  case row_action::destroy:
    break;
  }
  co_return co_await destroy_row(std::move(x), asking);
}

} // namespace dcrf::detail
