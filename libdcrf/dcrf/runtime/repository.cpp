#include "dcrf/runtime/repository.hpp"

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

command removal_of(const model_descriptor& model, const key& x) {
  command result;
  result.body = delete_command{.where = lookup_of(model, x.get())};
  return result;
}

command bulk_creation_of(const model_descriptor& model, std::vector<record> rows) {
  command result;
  result.body = bulk_create_command{.model = &model, .rows = std::move(rows)};
  return result;
}

command bulk_update_of(selection rows, std::size_t field, value x) {
  bulk_update_command update{.rows = std::move(rows)};
  update.changes.emplace_back(field, std::move(x));
  command result;
  result.body = std::move(update);
  return result;
}

command bulk_removal_of(selection rows) {
  command result;
  result.body = bulk_delete_command{.rows = std::move(rows)};
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
