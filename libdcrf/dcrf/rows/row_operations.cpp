#include "dcrf/rows/row_operations.hpp"

#include "dcrf/json/json_writer.hpp"
#include "dcrf/listing/internal/load_page.hpp"
#include "dcrf/rows/internal/linked_rows.hpp"
#include "dcrf/serializer/read_input.hpp"
#include "dcrf/serializer/write.hpp"

#include <optional>
#include <utility>

namespace dcrf {

// -- reading --------------------------------------------------------------------------------------

task<answered<json_text>> row_operations::list(page& x) {
  auto found = co_await detail::load_page(*runtime_, x, serializer_->plan());
  if (!found) {
    co_return unexpected{std::move(found.error())};
  }
  std::string results;
  json_writer writer{results};
  write_json_list(writer, *serializer_, x.finish(found->rows, found->count), context_);
  co_return json_text::trusted(std::move(results));
}

task<answered<row>> row_operations::retrieve(lookup where) {
  return load(std::move(where), serializer_->plan());
}

task<answered<row>> row_operations::find(lookup where) { return load(std::move(where), {}); }

task<answered<row>> row_operations::load(lookup where, fetch_plan plan) {
  retrieve_command retrieve{.where = std::move(where), .plan = std::move(plan)};
  question asking{runtime_->where(), std::move(retrieve)};
  auto found = co_await asking;
  if (found && hooks_.checks_rows) {
    asking_->check(instance{*serializer_->model, found->values});
  }
  co_return std::move(found);
}

json_text row_operations::shown(const row& x) const { return shown_row(*serializer_, x, context_); }

// -- writing --------------------------------------------------------------------------------------

task<answered<row>> row_operations::create() {
  auto input = read_input(*serializer_, asking_->data(), context_, false);
  if (!input.links.empty()) {
    co_await detail::look_up_links(*runtime_, *serializer_, input, context_);
  }
  if (hooks_.before_writes && !input.has_errors()) {
    co_await asking_->before_create(input);
  }
  auto given = input.has_errors() ? std::optional{input.given()} : std::nullopt;
  create_command create{.model = serializer_->model,
                        .values = std::move(input).to_record(),
                        .related = std::move(input.related),
                        .errors = std::move(input.errors),
                        .given = std::move(given),
                        .plan = serializer_->plan()};
  asking_->writes_now();
  question asking{runtime_->where(), std::move(create)};
  auto created = co_await asking;
  if (!created || !hooks_.after_writes) {
    co_return std::move(created);
  }
  instance written{*serializer_->model, created->values};
  co_await asking_->after_create(written);
  co_return co_await reloaded(std::move(*created));
}

bool row_operations::asks_about_row_before() const {
  return hooks_.checks_rows || hooks_.before_writes || hooks_.after_writes
         || serializer_->has_hooks();
}

task<answered<row>> row_operations::update(lookup where, bool is_partial) {
  // As in DRF, the row is looked up before it is changed. Where nobody asks about it, the command
  // that changes it does that.
  row before;
  if (asks_about_row_before()) {
    auto found = co_await find(where);
    if (!found) {
      co_return std::move(found);
    }
    before = std::move(*found);
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
  update_command update{.where = std::move(where),
                        .changes = std::move(input.changes),
                        .related = std::move(input.related),
                        .errors = std::move(input.errors),
                        .plan = serializer_->plan()};
  asking_->writes_now();
  question asking{runtime_->where(), std::move(update)};
  auto updated = co_await asking;
  if (!updated || !hooks_.after_writes) {
    co_return std::move(updated);
  }
  instance written{*serializer_->model, updated->values};
  co_await asking_->after_update(written);
  co_return co_await reloaded(std::move(*updated));
}

// A hook may have changed what was written. A row that is gone meanwhile, or of which nobody may
// ask any more, is shown as it was written.
task<answered<row>> row_operations::reloaded(row x) {
  const auto& model = *serializer_->model;
  retrieve_command retrieve{
      .where = {.model = &model, .key = model.key_of(x.values), .field = model.primary_key},
      .plan = serializer_->plan()};
  question asking{runtime_->where(), std::move(retrieve)};
  auto found = co_await asking;
  bool is_gone = !found && found.error().code == store_errc::not_found;
  co_return is_gone ? answered<row>{std::move(x)} : std::move(found);
}

task<answered<void>> row_operations::remove(lookup where) {
  if (hooks_.checks_rows || hooks_.before_writes || hooks_.after_deletes) {
    auto before = co_await find(where);
    if (!before) {
      co_return unexpected{std::move(before.error())};
    }
    if (hooks_.before_writes) {
      instance as_it_is{*serializer_->model, before->values};
      co_await asking_->before_delete(as_it_is);
    }
  }
  delete_command destroy{.where = std::move(where)};
  asking_->writes_now();
  question asking{runtime_->where(), std::move(destroy)};
  auto deleted = co_await asking;
  if (!deleted) {
    co_return unexpected{std::move(deleted.error())};
  }
  if (hooks_.after_deletes) {
    instance gone{*serializer_->model, deleted->values};
    co_await asking_->after_delete(gone);
  }
  co_return answered<void>{};
}

} // namespace dcrf
