#include "dcrf/store/internal/computed.hpp"
#include "dcrf/store/internal/execute.hpp"
#include "dcrf/store/internal/row_writer.hpp"
#include "dcrf/store/internal/select.hpp"
#include "dcrf/store/internal/storage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace dcrf::internal {

namespace {

// Of as many rows events tell one by one. All of them are in memory until they are announced.
constexpr std::int64_t most_told = 10'000;

// The rows of a selection, if events can tell of all of them; notes a gap if not.
std::optional<std::vector<record>> told_rows(store& at, selection x) {
  x.limit = most_told + 1;
  x.offset = 0;
  x.order_by = {{{x.model->primary_key}, false}};
  auto found = execute(at, list_command{.rows = x}).rows;
  if (static_cast<std::int64_t>(found.size()) > most_told) {
    at.note_gap(*x.model);
    return std::nullopt;
  }
  std::vector<record> result;
  result.reserve(found.size());
  for (auto& each : found) {
    result.push_back(std::move(each.values));
  }
  return result;
}

lookup row_of(const selection& x, const record& values) {
  return {.model = x.model,
          .key = x.model->key_of(values),
          .field = x.model->primary_key,
          .where = x.where};
}

// A row that another transaction has changed meanwhile may not belong to the selection any more.
std::int64_t update_each(store& at, const bulk_update_command& x, const std::vector<record>& rows) {
  std::int64_t result = 0;
  for (const auto& found : rows) {
    auto done = execute(at, update_command{.where = row_of(x.rows, found),
                                           .changes = x.changes,
                                           .computed = x.computed});
    if (!done.error) {
      ++result;
    } else if (!done.is_missing()) {
      throw store_failure(std::move(*done.error));
    }
  }
  return result;
}

std::int64_t delete_each(store& at, const selection& selected, const std::vector<record>& rows) {
  std::vector<record> going;
  for (const auto& found : rows) {
    if (auto locked = look_up_locked(at, row_of(selected, found))) {
      going.push_back(std::move(*locked));
    }
  }
  auto result = static_cast<std::int64_t>(going.size());
  remove_with_referrers(at, *selected.model, std::move(going));
  return result;
}

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
  bool is_told = x.events == bulk_events::on;
  bool is_gap = is_told && static_cast<std::int64_t>(x.rows.size()) > most_told;
  if (is_gap) {
    at.note_gap(model);
  }
  for (const auto& values : x.rows) {
    auto prepared = prepared_row(model, values);
    try {
      insert_row(at, model, prepared);
      if (is_told && !is_gap) {
        at.note(model, std::nullopt, prepared);
      }
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
  if (x.events == bulk_events::on) {
    if (auto rows = told_rows(at, x.rows)) {
      result.count = update_each(at, x, *rows);
      return result;
    }
  }
  auto where = of_selection(x.rows, at.sql.language(), parameters, parameters.size());
  auto update = fmt::format("UPDATE {} SET {}{}", quoted_name(model.table), assignments, where);
  result.count = x.computed.empty() ? at.sql.execute(update, parameters)
                                    : update_checked(at, x, update, parameters);
  return result;
}

store_result execute(store& at, const bulk_delete_command& x) {
  const auto& model = *x.rows.model;
  at.statements(model);
  store_result result;
  auto rows = x.events == bulk_events::on ? told_rows(at, x.rows) : std::nullopt;
  if (rows) {
    result.count = delete_each(at, x.rows, *rows);
  } else {
    std::vector<value> parameters;
    auto where = of_selection(x.rows, at.sql.language(), parameters, 0);
    result.count = at.sql.execute(fmt::format("DELETE FROM {}{}", quoted_name(model.table), where),
                                  parameters);
  }
  if (x.restart_keys) {
    at.sql.kind().restart_keys(at.sql, model);
  }
  return result;
}

} // namespace dcrf::internal
