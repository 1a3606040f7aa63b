#include "dcrf/store/internal/computed.hpp"
#include "dcrf/store/internal/execute.hpp"
#include "dcrf/store/internal/links.hpp"
#include "dcrf/store/internal/row_writer.hpp"
#include "dcrf/store/internal/single_query.hpp"

#include <fmt/format.h>

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

void name(const model_descriptor& model, std::size_t field, std::vector<std::size_t>& changed) {
  if (field >= model.fields.size()) {
    throw store_failure(store_errc::failed, "an update names a field that is not there");
  }
  if (std::ranges::find(changed, field) == changed.end()) {
    changed.push_back(field);
  }
}

// Takes a row to what an update makes of it, and collects the fields that it changes.
std::vector<std::size_t> change_row(const update_command& x, const record& before, record& row,
                                    row_errors& errors) {
  const auto& model = *x.where.model;
  std::vector<std::size_t> changed;
  for (const auto& [field, to] : x.changes) {
    if (field != model.version) {
      name(model, field, changed);
      row[field] = to;
      fit(model, field, row);
    }
  }
  for (const auto& [field, to] : x.computed) {
    name(model, field, changed);
    row[field] = compute(model, field, to, before, errors);
  }
  touch(model, row, changed);
  return changed;
}

// Whether the update is meant for another version of the row.
bool has_conflict(const update_command& x, const record& before) {
  const auto& version = x.where.model->version;
  return version && std::ranges::any_of(x.changes, [&](const auto& change) {
           return change.first == *version && change.second != before[*version];
         });
}

store_error conflict_of(const model_descriptor& model, const record& before) {
  return {store_errc::conflict,
          fmt::format("the {} {} has version {} by now", model.name,
                      to_string(model.key_of(before)), to_string(before[*model.version]))};
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
  if (has_conflict(x, *before)) {
    return {.error = conflict_of(model, *before)};
  }
  row_errors errors{x.errors};
  draft row{model, *before, {}, model.key_of(*before)};
  auto changed = change_row(x, *before, row.values, errors);
  row.fields = changed;
  auto links = links_of(at, x.related, errors);

  write_checked(at, row, errors,
                [&] { update_row(at, model, row.own_key, row.values, row.fields); });
  at.note(model, std::move(before), row.values);
  write_links(at, links, row.values);
  return written(at, model, std::move(row.values), x.plan);
}

namespace {

// The row that is there, as it is or as the update leaves it. Nothing if there is none.
std::optional<store_result> execute_on_existing(store& at, const ensure_command& x) {
  auto result =
      x.update ? execute(at, *x.update) : execute(at, retrieve_command{x.where, x.creation.plan});
  return result.is_missing() ? std::nullopt : std::optional{std::move(result)};
}

} // namespace

store_result execute(store& at, const ensure_command& x) {
  if (auto found = execute_on_existing(at, x)) {
    return std::move(*found);
  }
  try {
    auto result = execute(at, x.creation);
    result.count = 1;
    return result;
  } catch (const store_failure& e) {
    // Another connection may have created the row meanwhile: it is committed when the database says
    // so.
    auto found = e.error().code == store_errc::invalid ? execute_on_existing(at, x) : std::nullopt;
    if (!found) {
      throw;
    }
    return std::move(*found);
  }
}

} // namespace dcrf::internal
