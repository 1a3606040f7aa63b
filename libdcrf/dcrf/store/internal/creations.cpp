#include "dcrf/store/internal/execute.hpp"
#include "dcrf/store/internal/row_writer.hpp"

#include <algorithm>
#include <utility>

namespace dcrf::internal {

namespace {

bool is_counted(const model_descriptor& model, const value& key) {
  return model.key_field().type == field_type::integer
         && (is_null(key) || key == value{std::int64_t{0}});
}

// The rows as they will be written.
std::vector<record> prepared_rows(store& at, std::span<const create_command* const> creations) {
  const auto& model = *creations.front()->model;
  row_errors errors;
  std::vector<record> result;
  result.reserve(creations.size());
  for (const auto* x : creations) {
    auto& values = result.emplace_back(prepared_row(model, x->values));
    check_values(at.sql.language(), model, values, at.statements(model).fields, errors);
  }
  errors.raise();
  return result;
}

} // namespace

bool is_mere_insertion(const store& at, const create_command& x) {
  const auto& model = *x.model;
  return !at.has_triggers(model) && !at.has_links(model) && model.fields.size() > 1
         && x.values.size() == model.fields.size() && is_counted(model, x.values[model.primary_key])
         && x.related.empty() && x.plan.empty() && x.errors.empty();
}

std::vector<store_result> insert_together(store& at,
                                          std::span<const create_command* const> creations) {
  const auto& model = *creations.front()->model;
  auto rows = prepared_rows(at, creations);
  std::vector<std::uint64_t> versions;
  if (!insert_rows(at, model, rows, versions) || at.sql.has_dangling_references()) {
    return {};
  }
  std::vector<store_result> results(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!versions.empty()) {
      at.note_version(versions[i]);
    }
    at.note(model, std::nullopt, rows[i]);
    results[i].rows.push_back({std::move(rows[i])});
  }
  return results;
}

} // namespace dcrf::internal
