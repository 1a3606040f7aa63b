#include "dcrf/store/internal/computed.hpp"
#include "dcrf/store/internal/execute.hpp"
#include "dcrf/store/internal/row_writer.hpp"
#include "dcrf/store/internal/select.hpp"
#include "dcrf/store/internal/storage.hpp"

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

void assign(std::string& assignments, std::string_view column, std::string_view to) {
  assignments += assignments.empty() ? "" : ", ";
  assignments += fmt::format("{} = {}", column, to);
}

// What follows SET, with its parameters; checks the values that are not computed.
std::string assignments_of(store& at, const bulk_update_command& x,
                           std::vector<value>& parameters) {
  const auto& model = *x.rows.model;
  record values(model.fields.size());
  std::vector<std::size_t> fields;
  std::string result;
  for (const auto& [field, to] : x.changes) {
    if (field >= model.fields.size() || field == model.version) {
      throw store_failure(store_errc::failed, "an update names a field that is not there");
    }
    values[field] = to;
    fit(model, field, values);
    fields.push_back(field);
    parameters.push_back(values[field]);
    assign(result, quoted_name(model.fields[field].column), fmt::format(":p{}", parameters.size()));
  }
  row_errors errors;
  check_values(at.sql.language(), model, values, fields, errors);
  errors.raise();
  for (const auto& [field, to] : x.computed) {
    auto sql = sql_of(model, field, to, parameters);
    assign(result, quoted_name(model.fields[field].column), sql);
  }
  if (model.version) {
    auto column = quoted_name(model.fields[*model.version].column);
    assign(result, column, column + " + 1");
  }
  return result;
}

void check_computed(const statement& found, std::size_t column, const field_descriptor& field,
                    row_errors& errors) {
  if (auto x = read_value(found, column, field); x && !errors.has(field.name)) {
    check_bounds(field, *x, errors);
  }
}

// Runs an update that computes fields, which the database may take beyond their bounds.
// @returns the number of rows
std::int64_t update_checked(store& at, const bulk_update_command& x, const std::string& update,
                            const std::vector<value>& parameters) {
  const auto& model = *x.rows.model;
  std::vector<const field_descriptor*> fields;
  for (const auto& [field, to] : x.computed) {
    fields.push_back(&model.fields[field]);
  }
  std::int64_t rows = 0;
  row_errors errors;
  auto sql = at.sql.language().returning_extremes(update, fields);
  at.sql.each(sql, parameters, [&](const statement& found) {
    rows += found.integer(0);
    std::size_t column = 1;
    for (const auto* field : fields) {
      check_computed(found, column++, *field, errors);
      check_computed(found, column++, *field, errors);
    }
  });
  errors.raise();
  return rows;
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
  if (x.changes.empty() && x.computed.empty()) {
    result.count = execute(at, count_command{.rows = x.rows}).count;
    return result;
  }
  std::vector<value> parameters;
  auto assignments = assignments_of(at, x, parameters);
  auto where = of_selection(x.rows, at.sql.language(), parameters, parameters.size());
  auto update = fmt::format("UPDATE {} SET {}{}", quoted_name(model.table), assignments, where);
  result.count = x.computed.empty() ? at.sql.execute(update, parameters)
                                    : update_checked(at, x, update, parameters);
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
