#include "dcrf/store/internal/row_writer.hpp"

#include "dcrf/store/internal/storage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <utility>

namespace dcrf::internal {

namespace {

value now_for(const field_descriptor& field, const timestamp& now) {
  if (field.type == field_type::date) {
    return date{std::chrono::floor<std::chrono::days>(now.time)};
  }
  return now;
}

void fill_key(const field_descriptor& field, value& key) {
  if (field.type == field_type::uuid && (is_null(key) || std::get<uuid>(key).is_nil())) {
    key = uuid::random();
  }
  if (field.type == field_type::integer && key == value{std::int64_t{0}}) {
    key = std::monostate{};
  }
}

bool is_counted(const field_descriptor& key) noexcept { return key.type == field_type::integer; }

// Runs a write of one row; the version of the change is in the column, if the database counts them.
// Returns false if it is known that no row was written.
bool write_row(store& at, statement& x, std::size_t column) {
  auto tells_version = !at.sql.language().returning_version().empty();
  auto has_row = x.execute();
  if (has_row && tells_version) {
    at.note_version(static_cast<std::uint64_t>(x.integer(column)));
  }
  return has_row || !tells_version;
}

} // namespace

void fit(const model_descriptor& model, std::size_t field, record& values) {
  if (!fit(model.fields[field], values[field])) {
    throw store_failure(store_errc::failed,
                        fmt::format("{}.{} can't hold {}", model.table, model.fields[field].column,
                                    to_string(values[field])));
  }
}

record prepared_row(const model_descriptor& model, record values) {
  if (values.size() != model.fields.size()) {
    throw store_failure(store_errc::failed,
                        fmt::format("a row of {} has {} values, not {}", model.table,
                                    model.fields.size(), values.size()));
  }
  std::optional<timestamp> now;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& field = model.fields[i];
    if (field.automatic != auto_time::never) {
      now = now ? now : timestamp::now();
      values[i] = now_for(field, *now);
    }
    fit(model, i, values);
  }
  fill_key(model.key_field(), values[model.primary_key]);
  return values;
}

void count_version(const model_descriptor& model, record& values,
                   std::vector<std::size_t>& fields) {
  if (model.version) {
    const auto* version = std::get_if<std::int64_t>(&values[*model.version]);
    values[*model.version] = (version == nullptr ? 0 : *version) + 1;
    fields.push_back(*model.version);
  }
}

void touch(const model_descriptor& model, record& values, std::vector<std::size_t>& fields) {
  count_version(model, values, fields);
  for (std::size_t i = 0; i < model.fields.size(); ++i) {
    if (model.fields[i].automatic == auto_time::on_save) {
      values[i] = now_for(model.fields[i], timestamp::now());
      if (std::ranges::find(fields, i) == fields.end()) {
        fields.push_back(i);
      }
    }
  }
}

void insert_row(store& at, const model_descriptor& model, record& values) {
  auto& key = values[model.primary_key];
  auto leaves_key = is_counted(model.key_field()) && is_null(key);
  const auto& texts = at.statements(model);
  auto running = at.sql.prepare(leaves_key ? texts.insert_counted : texts.insert);
  std::size_t parameter = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != model.primary_key || !leaves_key) {
      running->bind(parameter++, values[i]);
    }
  }
  if (!write_row(at, *running, leaves_key ? 1 : 0)) {
    throw sql_error(sql_errc::other, "a trigger of the database has left the row out");
  }
  if (leaves_key) {
    key = running->inserted_key();
  } else if (is_counted(model.key_field())) {
    at.sql.kind().skip_key(at.sql, model, std::get<std::int64_t>(key));
  }
}

namespace {

// The values of each column as an array.
bool insert_from_arrays(store& at, const model_descriptor& model, std::span<record> rows,
                        std::vector<std::uint64_t>& versions) {
  auto running = at.sql.prepare(at.statements(model).insert_together.front());
  std::vector<value> column(rows.size());
  std::size_t parameter = 0;
  for (std::size_t i = 0; i < model.fields.size(); ++i) {
    if (i != model.primary_key) {
      std::ranges::transform(rows, column.begin(), [i](const record& values) { return values[i]; });
      running->bind(parameter++, at.sql.language().array_of(column));
    }
  }
  running->bind(parameter, static_cast<std::int64_t>(rows.size()));
  std::vector<std::pair<std::int64_t, std::uint64_t>> found;
  found.reserve(rows.size());
  for (auto more = running->execute(); more; more = running->next()) {
    found.emplace_back(running->integer(0), static_cast<std::uint64_t>(running->integer(1)));
  }
  if (found.size() != rows.size()) {
    at.note_triggers(model);
    return false;
  }
  std::ranges::sort(found);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i][model.primary_key] = found[i].first;
    versions.push_back(found[i].second);
  }
  return true;
}

} // namespace

bool insert_rows(store& at, const model_descriptor& model, std::span<record> rows,
                 std::vector<std::uint64_t>& versions) {
  if (at.sql.language().inserts_arrays()) {
    return insert_from_arrays(at, model, rows, versions);
  }
  const auto& texts = at.statements(model);
  auto running = at.sql.prepare(
      texts.insert_together[static_cast<std::size_t>(std::countr_zero(rows.size()))]);
  std::size_t parameter = 0;
  for (const auto& values : rows) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i != model.primary_key) {
        running->bind(parameter++, values[i]);
      }
    }
  }
  running->execute();
  if (running->changed_others()) {
    at.note_triggers(model);
    return false;
  }
  auto key = running->inserted_key() - static_cast<std::int64_t>(rows.size());
  for (auto& values : rows) {
    values[model.primary_key] = ++key;
  }
  return true;
}

void update_row(store& at, const model_descriptor& model, const value& key, const record& values,
                std::span<const std::size_t> fields) {
  // Other nodes learn of a change from what the database notes, also of one that leaves all as it
  // is.
  if (fields.empty() && at.sql.language().returning_version().empty()) {
    return;
  }
  auto running = at.sql.prepare(update_sql(model, fields, at.sql.language()));
  std::size_t parameter = 0;
  for (auto field : fields) {
    running->bind(parameter++, values[field]);
  }
  running->bind(parameter, key);
  write_row(at, *running, 0);
}

void delete_row(store& at, const model_descriptor& model, const value& key) {
  auto running = at.sql.prepare(at.statements(model).erase);
  running->bind(0, key);
  write_row(at, *running, 0);
}

void check_values(const dialect& language, const model_descriptor& model, const record& values,
                  std::span<const std::size_t> fields, row_errors& errors) {
  for (auto i : fields) {
    const auto& field = model.fields[i];
    auto is_filled_in = field.is_primary_key && is_counted(field);
    if (is_null(values[i]) && !field.is_nullable && !is_filled_in && !errors.has(field.name)) {
      errors.add(field.name, null_message);
    }
    // Keys go to the database in lists, too.
    auto fits =
        language.can_hold(values[i]) && (!field.is_primary_key || language.fits_array(values[i]));
    if (!fits && !errors.has(field.name)) {
      errors.add(field.name, nul_message);
    }
  }
}

void check_others(store& at, const model_descriptor& model, const record& values,
                  std::span<const std::size_t> fields, const value& own_key, row_errors& errors) {
  const auto& texts = at.statements(model);
  for (auto i : fields) {
    const auto& field = model.fields[i];
    if (is_null(values[i]) || errors.has(field.name)) {
      continue;
    }
    if (field.is_unique || field.is_primary_key) {
      value parameters[] = {values[i], own_key};
      auto is_taken = is_null(own_key) ? at.sql.exists(texts.exists_by[i], {parameters, 1})
                                       : at.sql.exists(texts.exists_elsewhere[i], parameters);
      if (is_taken) {
        errors.add(field.name, taken_message(model, field));
        continue;
      }
    }
    if (field.is_foreign_key() && !has_row(at, field.target(), values[i])) {
      errors.add(field.name, missing_message(values[i]));
    }
  }
}

namespace {

bool is_taken_together(store& at, const model_descriptor& model, std::size_t set,
                       const record& values, const value& own_key) {
  const auto& texts = at.statements(model);
  std::vector<value> parameters;
  for (auto i : model.unique_together[set]) {
    if (is_null(values[i])) {
      return false;
    }
    parameters.push_back(values[i]);
  }
  if (is_null(own_key)) {
    return at.sql.exists(texts.exists_together[set], parameters);
  }
  parameters.push_back(own_key);
  return at.sql.exists(texts.exists_together_elsewhere[set], parameters);
}

} // namespace

void check_together(store& at, const model_descriptor& model, const record& values,
                    std::span<const std::size_t> fields, const value& own_key, row_errors& errors) {
  auto is_written = [fields](std::size_t i) {
    return std::ranges::find(fields, i) != fields.end();
  };
  for (std::size_t set = 0; set < model.unique_together.size(); ++set) {
    auto members = model.unique_together[set];
    if (std::ranges::any_of(members, is_written)
        && is_taken_together(at, model, set, values, own_key)) {
      errors.add(of_no_field, taken_together_message(model, members));
    }
  }
}

bool has_row(store& at, const model_descriptor& model, const value& key) {
  return at.sql.exists(at.statements(model).exists_by[model.primary_key], {&key, 1});
}

namespace {

// The set of fields that are in these columns, apart by ", "; empty if there is none.
std::span<const std::size_t> unique_set_in(const model_descriptor& model,
                                           std::string_view columns) {
  for (auto fields : model.unique_together) {
    std::string joined;
    for (auto i : fields) {
      joined += joined.empty() ? "" : ", ";
      joined += model.fields[i].column;
    }
    if (joined == columns) {
      return fields;
    }
  }
  return {};
}

} // namespace

store_failure failure_of(const store& at, const sql_error& error) {
  const auto* model = at.models.find(error.table());
  if (model != nullptr && error.code() == sql_errc::unique) {
    if (auto fields = unique_set_in(*model, error.column()); !fields.empty()) {
      row_errors errors;
      errors.add(of_no_field, taken_together_message(*model, fields));
      return errors.failure();
    }
  }
  if (model != nullptr && error.code() == sql_errc::check
      && std::ranges::find(model->checks, error.column(), &check_descriptor::name)
             != model->checks.end()) {
    row_errors errors;
    errors.add(of_no_field, fmt::format("Constraint “{}” is violated.", error.column()));
    return errors.failure();
  }
  if (model != nullptr && error.code() != sql_errc::foreign_key) {
    auto field = std::ranges::find(model->fields, error.column(), &field_descriptor::column);
    if (field != model->fields.end()) {
      row_errors errors;
      errors.add(field->name, error.code() == sql_errc::unique ? taken_message(*model, *field)
                                                               : std::string{null_message});
      return errors.failure();
    }
  }
  switch (error.code()) {
  case sql_errc::unavailable:
  case sql_errc::conflict:
  case sql_errc::locked:
    return {store_errc::unavailable, error.what()};
  case sql_errc::foreign_key:
    return {store_errc::restricted, error.what()};
  default:
    return {store_errc::failed, error.what()};
  }
}

} // namespace dcrf::internal
