#include "dcrf/store/internal/table_spec.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dcrf::internal {

namespace {

std::string_view sql_of(on_delete action) noexcept {
  switch (action) {
  case on_delete::cascade:
    return "CASCADE";
  case on_delete::set_null:
    return "SET NULL";
  // RESTRICT would act within a statement, before what else is deleted with it is gone.
  case on_delete::restrict:
    return "NO ACTION";
  }
  return "";
}

reference_spec reference_to(const model_descriptor& target, on_delete action) {
  return {std::string{target.table}, std::string{target.key_field().column},
          std::string{sql_of(action)}};
}

column_spec column_of(const field_descriptor& field, const dialect& language) {
  column_spec result{std::string{field.column}, std::string{language.type_of(field)}};
  if (field.type == field_type::decimal) {
    result.places = field.places;
  }
  result.is_nullable = field.is_nullable;
  result.is_key = field.is_primary_key;
  result.is_counted = field.is_primary_key && field.type == field_type::integer;
  result.is_unique = field.is_unique && !field.is_primary_key;
  result.has_index = (field.is_indexed || field.is_foreign_key()) && !field.is_primary_key;
  auto has_initial = field.has_default || field.allows_blank;
  if (has_initial && !field.is_primary_key && !field.is_foreign_key()) {
    auto initial = field.initial();
    if (auto* number = std::get_if<decimal>(&initial)) {
      initial = number->rescaled(field.places).value_or(decimal{0, field.places});
    }
    result.initial = language.literal(initial);
  }
  if (field.is_foreign_key()) {
    result.references = {reference_to(field.target(), field.action)};
  }
  return result;
}

column_spec link_column(std::string name, const model_descriptor& to, const dialect& language) {
  column_spec result{std::move(name), std::string{language.type_of(to.key_field())}};
  result.is_key = true;
  result.has_index = result.name == "target";
  result.references = {reference_to(to, on_delete::cascade)};
  return result;
}

std::string definition(const column_spec& column, const dialect& language, bool is_only_key,
                       const std::string& initial) {
  auto result = quoted_name(column.name) + ' ';
  if (column.is_counted) {
    return result + std::string{language.counted_key()} + " NOT NULL";
  }
  result += language.definition_of(column.type);
  result += column.is_nullable ? "" : " NOT NULL";
  result += is_only_key ? " PRIMARY KEY" : "";
  if (!initial.empty()) {
    result += " DEFAULT " + initial;
  }
  for (const auto& x : column.references) {
    result += fmt::format(" REFERENCES {} ({}) ON DELETE {} {}", quoted_name(x.table),
                          quoted_name(x.column), x.on_delete, language.deferral());
  }
  return result;
}

} // namespace

const column_spec* table_spec::find(std::string_view column) const {
  auto found = std::ranges::find(columns, column, &column_spec::name);
  return found == columns.end() ? nullptr : &*found;
}

std::vector<table_spec> tables_of(const schema& models, const dialect& language) {
  std::vector<table_spec> result;
  for (const auto* model : models.models()) {
    table_spec table{std::string{model->table}, {}};
    table.model = model->name;
    std::ranges::replace(table.model, ' ', '_');
    for (const auto& field : model->fields) {
      auto& column = table.columns.emplace_back(column_of(field, language));
      column.member = fmt::format("&{}::{}", table.model, field.name);
    }
    for (auto fields : model->unique_together) {
      auto& columns = table.unique_together.emplace_back();
      for (auto i : fields) {
        columns.emplace_back(model->fields[i].column);
      }
    }
    result.push_back(std::move(table));
  }
  for (const auto* model : models.models()) {
    for (const auto& relation : model->relations) {
      if (relation.through == nullptr) {
        result.push_back({.name = relation.table(),
                          .columns = {link_column("source", relation.source(), language),
                                      link_column("target", relation.target(), language)},
                          .relation = std::string{relation.name}});
      }
    }
  }
  return result;
}

std::string create_table_sql(const table_spec& table, const dialect& language) {
  std::string columns;
  std::string keys;
  auto has_one_key = std::ranges::count_if(table.columns, &column_spec::is_key) == 1;
  for (const auto& column : table.columns) {
    columns += columns.empty() ? "" : ", ";
    columns += definition(column, language, has_one_key && column.is_key, column.initial);
    if (column.is_key) {
      keys += keys.empty() ? "" : ", ";
      keys += quoted_name(column.name);
    }
  }
  if (!has_one_key) {
    columns += fmt::format(", PRIMARY KEY ({})", keys);
  }
  return fmt::format("CREATE TABLE {} ({}){}", quoted_name(table.name), columns,
                     language.table_options());
}

std::string add_column_sql(const table_spec& table, const column_spec& column,
                           const dialect& language, const std::string& initial) {
  return fmt::format("ALTER TABLE {} ADD COLUMN {}", quoted_name(table.name),
                     definition(column, language, false, initial));
}

std::string index_name(const table_spec& table, const column_spec& column) {
  return fmt::format("{}__{}__{}", table.name, column.name, column.is_unique ? "unique" : "index");
}

std::string create_index_sql(const table_spec& table, const column_spec& column) {
  return fmt::format("CREATE {}INDEX {} ON {} ({})", column.is_unique ? "UNIQUE " : "",
                     quoted_name(index_name(table, column)), quoted_name(table.name),
                     quoted_name(column.name));
}

std::string index_name(const table_spec& table, const std::vector<std::string>& columns) {
  return fmt::format("{}__{}__unique", table.name, fmt::join(columns, "__"));
}

std::string create_index_sql(const table_spec& table, const std::vector<std::string>& columns) {
  return fmt::format("CREATE UNIQUE INDEX {} ON {} ({})", quoted_name(index_name(table, columns)),
                     quoted_name(table.name), quoted_list(columns));
}

std::string quoted_list(const std::vector<std::string>& columns) {
  std::string result;
  for (const auto& x : columns) {
    result += result.empty() ? "" : ", ";
    result += quoted_name(x);
  }
  return result;
}

} // namespace dcrf::internal
