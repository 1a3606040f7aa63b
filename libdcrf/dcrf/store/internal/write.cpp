#include "dcrf/store/internal/execute.hpp"
#include "dcrf/store/internal/links.hpp"
#include "dcrf/store/internal/row_writer.hpp"
#include "dcrf/store/internal/single_query.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace dcrf::internal {

namespace {

// What is checked of a new row whose input is wrong already: no more than it had.
std::vector<std::size_t> given_fields(const create_command& x) {
  auto result = x.given.value();
  std::ranges::sort(result);
  return result;
}

// Rows to relate to the one that is written.
struct wanted_links {
  relation_end end;
  std::vector<value> keys;
};

std::vector<wanted_links> links_of(store& at, const std::vector<related_keys>& related,
                                   row_errors& errors) {
  std::vector<wanted_links> result;
  for (const auto& x : related) {
    relation_end end{x.relation, x.reverse};
    result.push_back({end, checked_keys(at, end, x.keys, true, errors)});
  }
  return result;
}

void write_links(store& at, const std::vector<wanted_links>& links, const record& own) {
  for (const auto& x : links) {
    auto done = set_links(at, x.end, x.end.own().key_of(own), x.keys);
    note_links(at, x.end, own, done.all(), done);
  }
}

// A row about to be written.
struct draft {
  const model_descriptor& model;
  record values;
  std::span<const std::size_t> fields;
  // Null for a new row.
  value own_key;
};

// Writes first and asks afterwards: what the database's constraints let pass needs no query of
// ours. Only if one is violated, or if there are errors already, each field is checked, so that all
// errors are reported together.
template <class Write>
void write_checked(store& at, draft& x, row_errors& errors, Write write) {
  check_values(at.sql.language(), x.model, x.values, x.fields, errors);
  std::optional<sql_error> violation;
  if (errors.empty()) {
    try {
      write();
      if (!at.sql.has_dangling_references()) {
        return;
      }
      violation.emplace(sql_errc::foreign_key, "FOREIGN KEY constraint failed");
    } catch (const sql_error& e) {
      if (!e.is_constraint()) {
        throw;
      }
      violation = e;
    }
    if (at.has_savepoint) {
      at.sql.rollback_to_savepoint();
    }
  }
  check_others(at, x.model, x.values, x.fields, x.own_key, errors);
  errors.raise();
  check_together(at, x.model, x.values, x.fields, x.own_key, errors);
  errors.raise();
  throw *violation;
}

store_result written(store& at, const model_descriptor& model, record values,
                     const fetch_plan& plan) {
  store_result result;
  result.rows.push_back({std::move(values)});
  fetch_related(at, model, plan, result.rows);
  return result;
}

} // namespace

record insert_checked(store& at, const model_descriptor& model, record values) {
  row_errors errors;
  draft row{model, prepared_row(model, std::move(values)), at.statements(model).fields,
            std::monostate{}};
  write_checked(at, row, errors, [&] { insert_row(at, model, row.values); });
  at.note(model, std::nullopt, row.values);
  return std::move(row.values);
}

store_result execute(store& at, const create_command& x) {
  const auto& model = *x.model;
  row_errors errors{x.errors};
  draft row{model, prepared_row(model, x.values), at.statements(model).fields, std::monostate{}};
  std::vector<std::size_t> given;
  if (!errors.empty() && x.given) {
    given = given_fields(x);
    row.fields = given;
  }
  auto links = links_of(at, x.related, errors);

  write_checked(at, row, errors, [&] { insert_row(at, model, row.values); });
  at.note(model, std::nullopt, row.values);
  write_links(at, links, row.values);
  return written(at, model, std::move(row.values), x.plan);
}

store_result execute(store& at, const update_command& x) {
  const auto& model = *x.where.model;
  auto before = look_up_locked(at, x.where);
  if (!before) {
    return {.error = not_found(model)};
  }
  row_errors errors{x.errors};
  std::vector<std::size_t> changed;
  draft row{model, *before, {}, model.key_of(*before)};
  for (const auto& [field, to] : x.changes) {
    if (field >= model.fields.size()) {
      throw store_failure(store_errc::failed, "an update names a field that is not there");
    }
    row.values[field] = to;
    fit(model, field, row.values);
    if (std::ranges::find(changed, field) == changed.end()) {
      changed.push_back(field);
    }
  }
  touch(model, row.values, changed);
  row.fields = changed;
  auto links = links_of(at, x.related, errors);

  write_checked(at, row, errors,
                [&] { update_row(at, model, row.own_key, row.values, row.fields); });
  at.note(model, std::move(before), row.values);
  write_links(at, links, row.values);
  return written(at, model, std::move(row.values), x.plan);
}

} // namespace dcrf::internal
