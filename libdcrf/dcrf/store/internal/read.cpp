#include "dcrf/store/internal/execute.hpp"
#include "dcrf/store/internal/select.hpp"
#include "dcrf/store/internal/single_query.hpp"
#include "dcrf/store/internal/storage.hpp"

namespace dcrf::internal {

namespace {

enum class locking : std::uint8_t { no, yes };

std::vector<record> read_rows(store& at, const selection& x, locking lock = locking::no) {
  at.statements(*x.model);
  auto query = select_rows(at.sql.language(), x);
  if (lock == locking::yes) {
    query.sql += at.sql.language().locked();
  }
  std::vector<record> result;
  at.sql.each(query.sql, query.parameters, [&](const statement& found) {
    if (auto values = at.read_row(found, 0, *x.model)) {
      result.push_back(std::move(*values));
    }
  });
  return result;
}

std::int64_t count_rows(store& at, const selection& x, bool exists_only) {
  at.statements(*x.model);
  auto query = select_count(at.sql.language(), x, exists_only);
  std::int64_t result = 0;
  at.sql.each(query.sql, query.parameters,
              [&](const statement& found) { result = found.integer(0); });
  return result;
}

std::optional<record> look_up(store& at, const lookup& x, locking lock) {
  const auto& model = *x.model;
  if (x.where.is_always()) {
    return lock == locking::yes ? at.find_locked(model, x.field, x.key)
                                : at.find(model, x.field, x.key);
  }
  // A null key finds nothing; as an operand it would mean the rows without one.
  if (is_null(x.key)) {
    return std::nullopt;
  }
  auto rows = read_rows(at, selection_of(x), lock);
  return rows.empty() ? std::nullopt : std::optional{std::move(rows.front())};
}

} // namespace

std::optional<record> look_up_locked(store& at, const lookup& x) {
  return look_up(at, x, locking::yes);
}

std::vector<record> rows_with_keys(store& at, const model_descriptor& model,
                                   const std::vector<value>& keys) {
  condition by_key;
  by_key.kind = condition::node::compare;
  by_key.path = {model.primary_key};
  by_key.op = comparison::in;
  by_key.operands = keys;
  return read_rows(at, {.model = &model, .where = std::move(by_key)});
}

store_result execute(store& at, const list_command& x) {
  store_result result;
  for (auto& values : read_rows(at, x.rows, x.for_update ? locking::yes : locking::no)) {
    result.rows.push_back({std::move(values)});
  }
  if (x.with_count) {
    result.count = count_rows(at, x.rows, false);
  }
  fetch_related(at, *x.rows.model, x.plan, result.rows);
  return result;
}

store_result execute(store& at, const retrieve_command& x) {
  auto found = look_up(at, x.where, x.for_update ? locking::yes : locking::no);
  if (!found) {
    return {.error = not_found(*x.where.model)};
  }
  store_result result;
  result.rows.push_back({std::move(*found)});
  fetch_related(at, *x.where.model, x.plan, result.rows);
  return result;
}

store_result execute(store& at, const count_command& x) {
  store_result result;
  result.count = count_rows(at, x.rows, x.exists_only);
  return result;
}

} // namespace dcrf::internal
