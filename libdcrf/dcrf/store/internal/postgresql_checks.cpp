#include "dcrf/store/internal/connection.hpp"
#include "dcrf/store/internal/postgresql_backend.hpp"
#include "dcrf/store/internal/select.hpp"
#include "dcrf/store/internal/table_checks.hpp"

#include <fmt/format.h>

#include <array>

namespace dcrf::internal {

// PostgreSQL keeps a condition in words of its own: what it was made from is in a comment.

namespace {

constexpr std::string_view opening = "dcrf: ";

} // namespace

std::vector<check_info> postgresql_backend::checks_of(const model_descriptor& model,
                                                      const check_descriptor& check) {
  return {{std::string{check.name}, check_sql(language(), model, check, quoted_name(model.table))}};
}

std::vector<check_info> postgresql_backend::read_checks(connection& sql,
                                                        const model_descriptor& model) {
  std::vector<check_info> result;
  value table = quoted_name(model.table);
  sql.each("SELECT conname, obj_description(oid, 'pg_constraint') FROM pg_constraint "
           "WHERE conrelid = to_regclass(CAST(:p1 AS text)) AND contype = 'c' "
           "AND obj_description(oid, 'pg_constraint') IS NOT NULL",
           {&table, 1}, [&](const statement& x) {
             auto comment = x.text(1);
             if (comment.starts_with(opening)) {
               result.push_back(
                   {std::string{x.text(0)}, std::string{comment.substr(opening.size())}});
             }
           });
  return result;
}

std::vector<std::string> postgresql_backend::create_check(const model_descriptor& model,
                                                          const check_info& wanted) {
  auto table = quoted_name(model.table);
  auto name = quoted_name(wanted.name);
  return {
      fmt::format("ALTER TABLE {} ADD CONSTRAINT {} CHECK ({})", table, name, wanted.definition),
      fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", name, table,
                  quoted_text(std::string{opening} + wanted.definition))};
}

std::string postgresql_backend::drop_check(const model_descriptor& model, const std::string& name) {
  return fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", quoted_name(model.table),
                     quoted_name(name));
}

} // namespace dcrf::internal
