#include "dcrf/store/internal/single_query.hpp"

#include "dcrf/store/internal/storage.hpp"
#include "dcrf/store/internal/summary.hpp"

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace dcrf::internal {

namespace {

std::optional<bound_sql> query_of_row(store& at, const lookup& x) {
  const auto& model = *x.model;
  const auto& language = at.sql.language();
  const auto& texts = at.statements(model);
  if (!x.where.is_always()) {
    return is_null(x.key) ? std::nullopt : std::optional{select_rows(language, selection_of(x))};
  }
  if (x.field >= model.fields.size()) {
    throw store_failure(store_errc::failed, fmt::format("\"{}\" has no such field", model.name));
  }
  auto wanted = fitted(model.fields[x.field], x.key);
  if (!wanted || is_null(*wanted) || !language.can_hold(*wanted)) {
    return std::nullopt;
  }
  return bound_sql{texts.select_by[x.field], {std::move(*wanted)}};
}

} // namespace

bool is_single_query(const command& x) noexcept {
  if (const auto* list = std::get_if<list_command>(&x.body)) {
    return list->plan.empty() && !list->with_count;
  }
  if (const auto* retrieval = std::get_if<retrieve_command>(&x.body)) {
    return retrieval->plan.empty();
  }
  return std::holds_alternative<count_command>(x.body)
         || std::holds_alternative<aggregate_command>(x.body);
}

selection selection_of(const lookup& x) {
  condition by_key;
  by_key.kind = condition::node::compare;
  by_key.path = {x.field};
  by_key.operands = {x.key};
  return {.model = x.model, .where = std::move(by_key) && x.where, .limit = 1};
}

std::optional<bound_sql> query_of(store& at, const command& x) {
  if (const auto* retrieval = std::get_if<retrieve_command>(&x.body)) {
    return query_of_row(at, retrieval->where);
  }
  if (const auto* list = std::get_if<list_command>(&x.body)) {
    at.statements(*list->rows.model);
    return select_rows(at.sql.language(), list->rows);
  }
  if (const auto* aggregation = std::get_if<aggregate_command>(&x.body)) {
    at.statements(*aggregation->rows.model);
    return select_aggregates(at.sql.language(), *aggregation);
  }
  const auto& count = std::get<count_command>(x.body);
  at.statements(*count.rows.model);
  return select_count(at.sql.language(), count.rows, count.exists_only);
}

store_error not_found(const model_descriptor& model) {
  return {store_errc::not_found, fmt::format("no such {}", model.name)};
}

void add_row(const store& at, const command& x, const found_row& found, store_result& to) {
  if (std::holds_alternative<count_command>(x.body)) {
    to.count = found.integer(0);
    return;
  }
  if (const auto* aggregation = std::get_if<aggregate_command>(&x.body)) {
    to.rows.push_back({read_aggregates(at, found, *aggregation)});
    return;
  }
  const auto* list = std::get_if<list_command>(&x.body);
  const auto& model =
      list != nullptr ? *list->rows.model : *std::get<retrieve_command>(x.body).where.model;
  if (auto values = at.read_row(found, 0, model)) {
    to.rows.push_back({std::move(*values)});
  }
}

} // namespace dcrf::internal
