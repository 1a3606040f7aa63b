#include "dcrf/store/internal/fixtures.hpp"

#include "dcrf/json/json_writer.hpp"
#include "dcrf/store/internal/fixture_text.hpp"
#include "dcrf/store/internal/links.hpp"
#include "dcrf/store/internal/row_key.hpp"
#include "dcrf/store/internal/row_writer.hpp"
#include "dcrf/store/internal/store.hpp"
#include "dcrf/store/internal/table_spec.hpp"

#include <fmt/format.h>

#include <numeric>
#include <optional>
#include <ostream>
#include <string>
#include <unordered_map>
#include <vector>

namespace dcrf {

using namespace internal;

namespace {

// -- writing --------------------------------------------------------------------------------------

using keys_by_row = std::unordered_map<value, std::vector<value>, key_hash>;

keys_by_row links_of(store& at, const relation_descriptor& relation) {
  keys_by_row result;
  at.sql.each(fmt::format("SELECT \"source\", \"target\" FROM {} ORDER BY \"source\", \"target\"",
                          quoted_name(relation.table())),
              {}, [&](const statement& found) {
                auto source = at.read_key(found, 0, relation.source());
                auto target = at.read_key(found, 1, relation.target());
                if (source && target) {
                  result[*source].push_back(std::move(*target));
                }
              });
  return result;
}

std::string all_rows(const model_descriptor& model) {
  std::vector<std::string> columns;
  for (const auto& field : model.fields) {
    columns.emplace_back(field.column);
  }
  return fmt::format("SELECT {} FROM {} ORDER BY {}", quoted_list(columns),
                     quoted_name(model.table), quoted_name(model.key_field().column));
}

// Calls `take` for each row of a model.
template <class Function>
void each_row(store& at, const model_descriptor& model, Function take) {
  std::vector<keys_by_row> links;
  for (const auto& relation : model.relations) {
    links.push_back(relation.through == nullptr ? links_of(at, relation) : keys_by_row{});
  }
  at.sql.each(all_rows(model), {}, [&](const statement& found) {
    auto values = at.read_row(found, 0, model);
    if (!values) {
      return;
    }
    fixture_row x{.model = &model, .values = std::move(*values)};
    for (auto& of_relation : links) {
      x.related.emplace_back(std::move(of_relation[model.key_of(x.values)]));
    }
    take(x);
  });
}

// -- reading --------------------------------------------------------------------------------------

// Rows as they are given, all in one transaction.
class loader {
public:
  loader(store& at, std::vector<fixture_row> rows) : at_(at), rows_(std::move(rows)) {}

  std::size_t run() {
    at_.sql.begin(true);
    at_.sql.wait_for_locks();
    // Positions in the feed are older than what is not in it.
    at_.sql.kind().interrupt_feed(at_.sql);
    at_.sql.defer_references();
    for (auto& x : rows_) {
      in_line(x, [this, &x] { put(x); });
    }
    for (const auto& x : rows_) {
      in_line(x, [this, &x] { check_references(x); });
    }
    for (const auto& x : rows_) {
      in_line(x, [this, &x] { relate(x); });
    }
    at_.sql.kind().check_references(at_.sql);
    at_.sql.commit();
    return rows_.size();
  }

private:
  // What goes wrong with a row is told with its line.
  template <class Function>
  void in_line(const fixture_row& x, Function body) {
    try {
      body();
    } catch (const sql_error& e) {
      tell(x, failure_of(at_, e));
    } catch (const store_failure& e) {
      tell(x, e);
    }
  }

  [[noreturn]] static void tell(const fixture_row& x, const store_failure& failure) {
    const auto& error = failure.error();
    if (error.code == store_errc::unavailable) {
      throw failure;
    }
    auto reason =
        error.code == store_errc::invalid ? error.errors.to_json_text().str() : error.text;
    const auto& key = x.model->key_of(x.values);
    refuse_line(x.line, fmt::format("{} {}: {}", x.model->name,
                                    is_null(key) ? "without a key" : to_string(key), reason));
  }

  void put(fixture_row& x) {
    const auto& model = *x.model;
    auto& key = x.values[model.primary_key];
    if (is_null(key) && model.key_field().type == field_type::uuid) {
      key = uuid::random();
    }
    std::vector<std::size_t> fields(model.fields.size());
    std::iota(fields.begin(), fields.end(), 0);
    row_errors errors;
    check_values(at_.sql.language(), model, x.values, fields, errors);
    errors.raise();
    if (is_null(key) || !has_row(at_, model, key)) {
      insert_row(at_, model, x.values);
      return;
    }
    std::erase(fields, model.primary_key);
    update_row(at_, model, key, x.values, fields);
  }

  void check_references(const fixture_row& x) {
    row_errors errors;
    for (std::size_t i = 0; i < x.values.size(); ++i) {
      const auto& field = x.model->fields[i];
      if (field.is_foreign_key() && !is_null(x.values[i])
          && !has_row(at_, field.target(), x.values[i])) {
        errors.add(field.name, missing_message(x.values[i]));
      }
    }
    errors.raise();
  }

  void relate(const fixture_row& x) {
    for (std::size_t i = 0; i < x.related.size(); ++i) {
      if (x.related[i]) {
        relation_end end{&x.model->relations[i], false};
        row_errors errors;
        auto keys = checked_keys(at_, end, *x.related[i], true, errors);
        errors.raise();
        set_links(at_, end, x.model->key_of(x.values), keys);
      }
    }
  }

  store& at_;
  std::vector<fixture_row> rows_;
};

} // namespace

std::size_t dump_rows(const database_options& options, const schema& models, std::ostream& out) {
  auto reading = options;
  reading.read_only = true;
  store at{reading, models};
  std::size_t count = 0;
  try {
    at.sql.begin(false);
    out << '[';
    for (const auto* model : models.models()) {
      auto name = fixture_name(models, *model);
      each_row(at, *model, [&](const fixture_row& x) {
        std::string line;
        json_writer writer{line};
        write_fixture(writer, name, x);
        out << (count++ == 0 ? "\n" : ",\n") << line;
      });
    }
    out << "\n]\n";
    at.sql.rollback();
  } catch (const sql_error& e) {
    throw failure_of(at, e);
  }
  return count;
}

std::size_t load_rows(const database_options& options, const schema& models,
                      std::string_view text) {
  std::vector<fixture_row> rows;
  json_reader reader;
  for (const auto& x : objects_of(text)) {
    rows.push_back(read_fixture(models, reader, x));
  }
  store at{options, models};
  try {
    return loader{at, std::move(rows)}.run();
  } catch (const sql_error& e) {
    throw failure_of(at, e);
  }
}

} // namespace dcrf
