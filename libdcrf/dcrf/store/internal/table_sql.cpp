#include "dcrf/store/internal/table_sql.hpp"

#include "dcrf/store/internal/select.hpp"

#include <fmt/format.h>

#include <numeric>

namespace dcrf::internal {

namespace {

// `(:p1, :p2), (:p3, :p4)`
std::string parameters_of_rows(std::size_t columns, std::size_t rows) {
  std::string result;
  for (std::size_t i = 0; i < columns * rows; ++i) {
    const auto* opening = i == 0 ? "(" : "), (";
    result += i % columns == 0 ? opening : ", ";
    result += fmt::format(":p{}", i + 1);
  }
  return result + ")";
}

std::string insert_into(const model_descriptor& model, bool with_key, std::size_t rows = 1) {
  std::string columns;
  std::size_t count = 0;
  for (std::size_t i = 0; i < model.fields.size(); ++i) {
    if (i == model.primary_key && !with_key) {
      continue;
    }
    const auto* separator = columns.empty() ? "" : ", ";
    columns += separator + quoted_name(model.fields[i].column);
    ++count;
  }
  if (columns.empty()) {
    return fmt::format("INSERT INTO {} DEFAULT VALUES", quoted_name(model.table));
  }
  return fmt::format("INSERT INTO {} ({}) VALUES {}", quoted_name(model.table), columns,
                     parameters_of_rows(count, rows));
}

// An array for each column, so that one text does for any number of rows. The keys are counted
// after the rows are in their order. If a trigger has left out some of the rows the statement
// fails, as nobody could tell which.
std::string insert_from_arrays(const model_descriptor& model, const dialect& language) {
  std::string columns;
  std::string arrays;
  std::string names;
  std::size_t count = 0;
  for (std::size_t i = 0; i < model.fields.size(); ++i) {
    if (i == model.primary_key) {
      continue;
    }
    const auto* separator = count == 0 ? "" : ", ";
    ++count;
    columns += separator + quoted_name(model.fields[i].column);
    arrays +=
        fmt::format("{}CAST(:p{} AS {}[])", separator, count, language.type_of(model.fields[i]));
    names += fmt::format("{}c{}", separator, count);
  }
  return fmt::format("WITH made(key, version) AS (INSERT INTO {} ({}) SELECT {} FROM unnest({}) "
                     "WITH ORDINALITY AS given({}, place) ORDER BY place{}) "
                     "SELECT key, version, 1 / CASE WHEN (SELECT count(*) FROM made) = "
                     "CAST(:p{} AS bigint) THEN 1 ELSE 0 END FROM made",
                     quoted_name(model.table), columns, names, arrays, names,
                     language.returning(quoted_name(model.key_field().column)), count + 1);
}

} // namespace

table_sql::table_sql(const model_descriptor& model, const dialect& language)
    : fields(model.fields.size()),
      insert(insert_into(model, true) + std::string{language.returning_version()}),
      insert_counted(insert_into(model, false)
                     + language.returning(quoted_name(model.key_field().column))) {
  std::iota(fields.begin(), fields.end(), 0);
  if (language.inserts_arrays()) {
    insert_together.push_back(insert_from_arrays(model, language));
  } else {
    for (std::size_t rows = 1; rows <= most_inserted_together; rows *= 2) {
      insert_together.push_back(insert_into(model, false, rows));
    }
  }
  auto table = quoted_name(model.table);
  auto key = quoted_name(model.key_field().column);
  erase = fmt::format("DELETE FROM {} WHERE {} = :p1{}", table, key, language.returning_version());
  for (const auto& field : model.fields) {
    auto column = quoted_name(field.column);
    select_by.push_back(fmt::format("SELECT {} FROM {} AS {} WHERE {} = :p1",
                                    columns_of(model, select_builder::root), table,
                                    select_builder::root, column));
    lock_by.push_back(select_by.back() + std::string{language.locked()});
    exists_by.push_back(fmt::format("SELECT 1 FROM {} WHERE {} = :p1", table, column));
    exists_elsewhere.push_back(
        fmt::format("SELECT 1 FROM {} WHERE {} = :p1 AND {} <> :p2", table, column, key));
  }
  for (auto set : model.unique_together) {
    auto& exists = exists_together.emplace_back(fmt::format("SELECT 1 FROM {} WHERE ", table));
    for (std::size_t i = 0; i < set.size(); ++i) {
      exists += i == 0 ? "" : " AND ";
      exists += fmt::format("{} = :p{}", quoted_name(model.fields[set[i]].column), i + 1);
    }
    exists_together_elsewhere.push_back(
        fmt::format("{} AND {} <> :p{}", exists, key, set.size() + 1));
  }
}

std::string update_sql(const model_descriptor& model, std::span<const std::size_t> fields,
                       const dialect& language) {
  auto result = fmt::format("UPDATE {} SET ", quoted_name(model.table));
  if (auto key = quoted_name(model.key_field().column); fields.empty()) {
    result += fmt::format("{} = {}", key, key);
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    result += i == 0 ? "" : ", ";
    result += fmt::format("{} = :p{}", quoted_name(model.fields[fields[i]].column), i + 1);
  }
  result += fmt::format(" WHERE {} = :p{}{}", quoted_name(model.key_field().column),
                        fields.size() + 1, language.returning_version());
  return result;
}

link_sql::link_sql(const relation_descriptor& relation, bool reverse, const dialect& language) {
  auto table = quoted_name(relation.table());
  auto source = quoted_name(relation.source_column());
  auto target = quoted_name(relation.target_column());
  const auto& own = reverse ? target : source;
  const auto& far = reverse ? source : target;
  select = fmt::format("SELECT {}{} FROM {} WHERE {} = :p1 ORDER BY {}",
                       relation.may_repeat() ? "DISTINCT " : "", far, table, own, far);
  auto listed = language.in_array(far, ":p2");
  if (relation.through == nullptr) {
    add = fmt::format("INSERT INTO {} ({}, {}) VALUES (:p1, :p2) ON CONFLICT DO NOTHING "
                      "RETURNING {}",
                      table, own, far, far);
    remove =
        fmt::format("DELETE FROM {} WHERE {} = :p1 AND {} RETURNING {}", table, own, listed, far);
  } else {
    exists = fmt::format("SELECT 1 FROM {} WHERE {} = :p1 AND {} = :p2", table, own, far);
    rows = fmt::format("SELECT {} FROM {} AS {} WHERE {} = :p1 AND {}{}",
                       columns_of(relation.through(), select_builder::root), table,
                       select_builder::root, own, listed, language.locked());
  }
}

} // namespace dcrf::internal
