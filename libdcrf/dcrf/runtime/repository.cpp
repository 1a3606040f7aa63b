#include "dcrf/runtime/repository.hpp"

#include <algorithm>

namespace dcrf::detail {

namespace {

lookup lookup_of(const model_descriptor& model, const value& x) {
  return {.model = &model, .key = x, .field = model.primary_key};
}

} // namespace

command list_of(selection rows) {
  command result;
  result.body = list_command{.rows = std::move(rows)};
  return result;
}

command count_of(selection rows) {
  command result;
  result.body = count_command{.rows = std::move(rows)};
  return result;
}

command one_of(const model_descriptor& model, const key& x) {
  command result;
  result.body = retrieve_command{.where = lookup_of(model, x.get())};
  return result;
}

command creation_of(const model_descriptor& model, record values) {
  command result;
  result.body = create_command{.model = &model, .values = std::move(values)};
  return result;
}

command update_of(const model_descriptor& model, record values) {
  update_command update{.where = lookup_of(model, model.key_of(values))};
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != model.primary_key) {
      update.changes.emplace_back(i, std::move(values[i]));
    }
  }
  command result;
  result.body = std::move(update);
  return result;
}

update_command update_of_fields(const model_descriptor& model, record values,
                                std::span<const std::size_t> fields) {
  auto update = empty_update_of(model, key{model.key_of(values)});
  for (auto field : fields) {
    update.changes.emplace_back(field, values[field]);
  }
  if (model.version) {
    update.changes.emplace_back(*model.version, values[*model.version]);
  }
  return update;
}

update_command empty_update_of(const model_descriptor& model, const key& x) {
  return {.where = lookup_of(model, x.get())};
}

bulk_update_command empty_update_of(selection rows) { return {.rows = std::move(rows)}; }

command command_of(update_command x) {
  command result;
  result.body = std::move(x);
  return result;
}

command command_of(bulk_update_command x) {
  command result;
  result.body = std::move(x);
  return result;
}

command locked(command x) {
  if (auto* list = std::get_if<list_command>(&x.body)) {
    list->for_update = true;
  } else {
    std::get<retrieve_command>(x.body).for_update = true;
  }
  return x;
}

ensure_command ensuring(const model_descriptor& model, record values,
                        std::span<const std::size_t> by) {
  ensure_command result;
  result.where = {.model = &model, .key = values[by.front()], .field = by.front()};
  for (auto field : by.subspan(1)) {
    result.where.where =
        std::move(result.where.where)
        && comparison_of({field}, is_null(values[field]) ? comparison::in : comparison::eq,
                         {values[field]});
  }
  result.creation = {.model = &model, .values = std::move(values)};
  return result;
}

void write_existing(ensure_command& x, std::span<const std::size_t> by) {
  const auto& model = *x.where.model;
  auto& update = x.update.emplace(update_command{.where = x.where});
  for (std::size_t i = 0; i < model.fields.size(); ++i) {
    const auto& field = model.fields[i];
    bool is_written = !field.is_primary_key && !field.is_version
                      && field.automatic == auto_time::never
                      && std::ranges::find(by, i) == by.end();
    if (is_written) {
      update.changes.emplace_back(i, x.creation.values[i]);
    }
  }
}

command command_of(ensure_command x) {
  command result;
  result.body = std::move(x);
  return result;
}

command command_of(aggregate_command x) {
  command result;
  result.body = std::move(x);
  return result;
}

command removal_of(const model_descriptor& model, const key& x) {
  command result;
  result.body = delete_command{.where = lookup_of(model, x.get())};
  return result;
}

command bulk_creation_of(const model_descriptor& model, std::vector<record> rows,
                         bulk_events events) {
  command result;
  result.body = bulk_create_command{.model = &model, .rows = std::move(rows), .events = events};
  return result;
}

command bulk_removal_of(selection rows, bulk_events events) {
  command result;
  result.body = bulk_delete_command{.rows = std::move(rows), .events = events};
  return result;
}

command relating_of(const relation_descriptor& relation, bool reverse, const key& x,
                    relate_command::how mode, std::vector<value> keys, std::optional<record> link) {
  command result;
  result.body = relate_command{.relation = &relation,
                               .reverse = reverse,
                               .key = x.get(),
                               .mode = mode,
                               .keys = std::move(keys),
                               .link = std::move(link)};
  return result;
}

selection page_of(selection rows, std::int64_t limit) {
  rows.limit = rows.limit ? std::min(*rows.limit, limit) : limit;
  return rows;
}

} // namespace dcrf::detail
