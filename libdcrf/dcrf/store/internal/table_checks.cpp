#include "dcrf/store/internal/table_checks.hpp"

#include "dcrf/store/internal/select.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace dcrf::internal {

namespace {

void create(connection& sql, const model_descriptor& model, const check_descriptor& check,
            const check_info& wanted, std::vector<table_change>& changes) {
  table_change first{fmt::format("Created the check {} over {}.", wanted.name, model.table), {}};
  auto root = select_builder::root;
  first.duplicates = fmt::format("SELECT {}.{} FROM {} AS {} WHERE NOT ({}) LIMIT 1", root,
                                 quoted_name(model.key_field().column), quoted_name(model.table),
                                 root, check_sql(sql.language(), model, check, root));
  first.refusal = fmt::format("the table \"{}\" can't be migrated: the check \"{}\" does not hold "
                              "for some rows, the first of which has the key",
                              model.table, check.name);
  for (auto& statement : sql.kind().create_check(model, wanted)) {
    changes.push_back(first);
    changes.back().sql = std::move(statement);
    first = {fmt::format("Noted what the check {} over {} says.", wanted.name, model.table), {}};
  }
}

void add_missing(connection& sql, const model_descriptor& model,
                 std::vector<table_change>& changes) {
  auto found = sql.kind().read_checks(sql, model);
  std::vector<std::string> kept;
  std::vector<table_change> created;
  for (const auto& check : model.checks) {
    for (const auto& wanted : sql.kind().checks_of(model, check)) {
      auto same = std::ranges::find(found, wanted.name, &check_info::name);
      if (same != found.end() && same->definition == wanted.definition) {
        kept.push_back(wanted.name);
      } else {
        create(sql, model, check, wanted, created);
      }
    }
  }
  for (const auto& x : found) {
    if (std::ranges::find(kept, x.name) == kept.end()) {
      changes.push_back({fmt::format("Dropped the check {} over {}.", x.name, model.table),
                         sql.kind().drop_check(model, x.name)});
    }
  }
  std::ranges::move(created, std::back_inserter(changes));
}

} // namespace

std::vector<table_change> missing_checks(connection& sql, const schema& models) {
  std::vector<table_change> result;
  for (const auto* model : models.models()) {
    add_missing(sql, *model, result);
  }
  return result;
}

} // namespace dcrf::internal
