#include "dcrf/store/internal/connection.hpp"
#include "dcrf/store/internal/select.hpp"
#include "dcrf/store/internal/sqlite_backend.hpp"
#include "dcrf/store/internal/table_checks.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace dcrf::internal {

namespace {

constexpr std::string_view raising = "RAISE(ABORT, 'check ";

check_info trigger(const model_descriptor& model, const check_descriptor& check,
                   std::string_view event, const std::string& condition) {
  auto name = fmt::format("{}__{}", check.name, event == "INSERT" ? "insert" : "update");
  auto definition =
      fmt::format("CREATE TRIGGER {} AFTER {} ON {} WHEN NOT ({}) BEGIN SELECT "
                  "RAISE(ABORT, {}); END",
                  quoted_name(name), event, quoted_name(model.table), condition,
                  quoted_text(fmt::format("check {}.{} failed", model.table, check.name)));
  return {std::move(name), std::move(definition)};
}

std::vector<check_info> checks_over(connection& sql, std::string table) {
  std::vector<check_info> result;
  std::array<value, 2> parameters{std::move(table), std::string{raising}};
  sql.each("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :p1 "
           "AND instr(sql, :p2) > 0",
           parameters, [&](const statement& x) {
             result.push_back({std::string{x.text(0)}, std::string{x.text(1)}});
           });
  return result;
}

std::string drop_trigger(const std::string& name) { return "DROP TRIGGER " + quoted_name(name); }

} // namespace

// SQLite can add no constraint to a table that is there; a trigger does the same.
std::vector<check_info> sqlite_backend::checks_of(const model_descriptor& model,
                                                  const check_descriptor& check) {
  auto condition = check_sql(language(), model, check, "NEW");
  return {trigger(model, check, "INSERT", condition), trigger(model, check, "UPDATE", condition)};
}

std::vector<check_info> sqlite_backend::read_checks(connection& sql,
                                                    const model_descriptor& model) {
  return checks_over(sql, std::string{model.table});
}

std::vector<std::string> sqlite_backend::create_check(const model_descriptor&,
                                                      const check_info& wanted) {
  return {wanted.definition};
}

std::string sqlite_backend::drop_check(const model_descriptor&, const std::string& name) {
  return drop_trigger(name);
}

void sqlite_backend::release_columns(connection& sql, const std::string& table) {
  for (const auto& x : checks_over(sql, table)) {
    sql.execute(drop_trigger(x.name));
  }
}

} // namespace dcrf::internal
