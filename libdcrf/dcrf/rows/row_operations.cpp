#include "dcrf/rows/row_operations.hpp"

#include "dcrf/json/json_writer.hpp"
#include "dcrf/listing/load_page.hpp"
#include "dcrf/rows/linked_rows.hpp"
#include "dcrf/serializer/read_input.hpp"
#include "dcrf/serializer/write.hpp"

#include <optional>
#include <utility>

namespace dcrf {

// -- reading --------------------------------------------------------------------------------------

task<json_text> row_operations::list(page& x) {
  auto found = co_await detail::load_page(*runtime_, x, serializer_->plan());
  std::string results;
  json_writer writer{results};
  write_json_list(writer, *serializer_, x.finish(found.rows, found.count), context_);
  co_return json_text::trusted(std::move(results));
}

task<row> row_operations::retrieve(lookup where) {
  return load(std::move(where), serializer_->plan());
}

task<row> row_operations::find(lookup where) { return load(std::move(where), {}); }

task<row> row_operations::load(lookup where, fetch_plan plan) {
  command retrieve;
  retrieve.body = retrieve_command{.where = std::move(where), .plan = std::move(plan)};
  store_call call{runtime_->where(), std::move(retrieve)};
  auto result = co_await call;
  if (hooks_.checks_rows) {
    asking_->check(instance{*serializer_->model, result.rows.front().values});
  }
  co_return std::move(result.rows.front());
}

json_text row_operations::shown(const row& x) const { return shown_row(*serializer_, x, context_); }

// -- writing --------------------------------------------------------------------------------------

task<row> row_operations::create() {
  auto input = read_input(*serializer_, asking_->data(), context_, false);
  if (!input.links.empty()) {
    co_await detail::look_up_links(*runtime_, *serializer_, input, context_);
  }
  if (hooks_.before_writes && !input.has_errors()) {
    co_await asking_->before_create(input);
  }
  auto given = input.has_errors() ? std::optional{input.given()} : std::nullopt;
  command create;
  create.body = create_command{.model = serializer_->model,
                               .values = std::move(input).to_record(),
                               .related = std::move(input.related),
                               .errors = std::move(input.errors),
                               .given = std::move(given),
                               .plan = serializer_->plan()};
  asking_->writes_now();
  store_call call{runtime_->where(), std::move(create)};
  auto created = co_await call;
  auto& result = created.rows.front();
  if (hooks_.after_writes) {
    instance written{*serializer_->model, result.values};
    co_await asking_->after_create(written);
    co_await reload(result);
  }
  co_return std::move(result);
}

bool row_operations::asks_about_row_before() const {
  return hooks_.checks_rows || hooks_.before_writes || hooks_.after_writes
         || serializer_->has_hooks();
}

task<row> row_operations::update(lookup where, bool is_partial) {
  // As in DRF, the row is looked up before it is changed. Where nobody asks about it, the command
  // that changes it does that.
  row before;
  if (asks_about_row_before()) {
    before = co_await find(where);
  }
  instance as_it_is{*serializer_->model, before.values};
  auto context = context_;
  context.instance = before.values.empty() ? nullptr : &as_it_is;
  auto input = read_input(*serializer_, asking_->data(), context, is_partial);
  if (!input.links.empty()) {
    co_await detail::look_up_links(*runtime_, *serializer_, input, context);
  }
  if (hooks_.before_writes && !input.has_errors()) {
    co_await asking_->before_update(input);
  }
  command update;
  update.body = update_command{.where = std::move(where),
                               .changes = std::move(input.changes),
                               .related = std::move(input.related),
                               .errors = std::move(input.errors),
                               .plan = serializer_->plan()};
  asking_->writes_now();
  store_call call{runtime_->where(), std::move(update)};
  auto updated = co_await call;
  auto& result = updated.rows.front();
  if (hooks_.after_writes) {
    instance written{*serializer_->model, result.values};
    co_await asking_->after_update(written);
    co_await reload(result);
  }
  co_return std::move(result);
}

// A hook may have changed what was written. A row that is gone meanwhile, or of which nobody may
// ask any more, is shown as it was written.
task<> row_operations::reload(row& x) {
  const auto& model = *serializer_->model;
  command retrieve;
  retrieve.body = retrieve_command{
      .where = {.model = &model, .key = model.key_of(x.values), .field = model.primary_key},
      .plan = serializer_->plan()};
  store_question call{runtime_->where(), std::move(retrieve)};
  auto found = co_await call;
  if (!found.is_missing()) {
    found.check();
    x = std::move(found.rows.front());
  }
}

task<> row_operations::remove(lookup where) {
  if (hooks_.checks_rows || hooks_.before_writes || hooks_.after_deletes) {
    auto before = co_await find(where);
    if (hooks_.before_writes) {
      instance as_it_is{*serializer_->model, before.values};
      co_await asking_->before_delete(as_it_is);
    }
  }
  command destroy;
  destroy.body = delete_command{.where = std::move(where)};
  asking_->writes_now();
  store_call call{runtime_->where(), std::move(destroy)};
  auto deleted = co_await call;
  if (hooks_.after_deletes) {
    instance gone{*serializer_->model, deleted.rows.front().values};
    co_await asking_->after_delete(gone);
  }
}

} // namespace dcrf
