#include "dcrf/store/internal/execute.hpp"
#include "dcrf/store/internal/row_writer.hpp"
#include "dcrf/store/internal/select.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>

namespace dcrf::internal {

namespace {

// What an update or delete of all rows of a selection ends with.
std::string of_selection(const selection& x, const dialect& language,
                         std::vector<value>& parameters, std::size_t bound_before) {
  if (x.where.is_always()) {
    return {};
  }
  auto keys = select_keys(language, x, bound_before);
  std::ranges::move(keys.parameters, std::back_inserter(parameters));
  return fmt::format(" WHERE {} IN ({})", quoted_name(x.model->key_field().column), keys.sql);
}

// A row whose insertion fails says so by its own fields.
void raise_errors_of(store& at, const model_descriptor& model, const record& values) {
  std::vector<std::size_t> fields(model.fields.size());
  std::iota(fields.begin(), fields.end(), 0);
  row_errors errors;
  check_values(at.sql.language(), model, values, fields, errors);
  check_others(at, model, values, fields, std::monostate{}, errors);
  if (errors.empty()) {
    check_together(at, model, values, fields, std::monostate{}, errors);
  }
  errors.raise();
}

} // namespace

store_result execute(store& at, const bulk_create_command& x) {
  const auto& model = *x.model;
  at.sql.defer_references();
  for (const auto& values : x.rows) {
    auto prepared = prepared_row(model, values);
    try {
      insert_row(at, model, prepared);
    } catch (const sql_error& e) {
      if (e.is_constraint()) {
        at.sql.rollback_to_savepoint();
        raise_errors_of(at, model, prepared);
      }
      throw;
    }
  }
  if (at.sql.has_dangling_references()) {
    at.sql.rollback_to_savepoint();
    for (const auto& values : x.rows) {
      raise_errors_of(at, model, prepared_row(model, values));
    }
  }
  store_result result;
  result.count = static_cast<std::int64_t>(x.rows.size());
  return result;
}

store_result execute(store& at, const bulk_update_command& x) {
  const auto& model = *x.rows.model;
  at.statements(model);
  store_result result;
  if (x.changes.empty()) {
    result.count = execute(at, count_command{.rows = x.rows}).count;
    return result;
  }
  record values(model.fields.size());
  std::vector<std::size_t> fields;
  std::vector<value> parameters;
  std::string assignments;
  for (const auto& [field, to] : x.changes) {
    if (field >= model.fields.size()) {
      throw store_failure(store_errc::failed, "an update names a field that is not there");
    }
    values[field] = to;
    fit(model, field, values);
    fields.push_back(field);
    parameters.push_back(values[field]);
    assignments += fmt::format("{}{} = :p{}", assignments.empty() ? "" : ", ",
                               quoted_name(model.fields[field].column), parameters.size());
  }
  row_errors errors;
  check_values(at.sql.language(), model, values, fields, errors);
  errors.raise();

  auto where = of_selection(x.rows, at.sql.language(), parameters, parameters.size());
  result.count = at.sql.execute(
      fmt::format("UPDATE {} SET {}{}", quoted_name(model.table), assignments, where), parameters);
  return result;
}

store_result execute(store& at, const bulk_delete_command& x) {
  const auto& model = *x.rows.model;
  at.statements(model);
  std::vector<value> parameters;
  auto where = of_selection(x.rows, at.sql.language(), parameters, 0);
  store_result result;
  result.count =
      at.sql.execute(fmt::format("DELETE FROM {}{}", quoted_name(model.table), where), parameters);
  if (x.restart_keys) {
    at.sql.kind().restart_keys(at.sql, model);
  }
  return result;
}

} // namespace dcrf::internal
