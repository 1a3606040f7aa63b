#include "dcrf/store/internal/store.hpp"

#include "dcrf/store/internal/execute.hpp"
#include "dcrf/store/internal/links.hpp"
#include "dcrf/store/internal/storage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dcrf::internal {

store::store(database_options with, schema known)
    : options(std::move(with)),
      sql(options),
      models(std::move(known)),
      log(options.feed.models.empty() && options.feed.signals.empty()
              ? nullptr
              : sql.kind().make_feed(sql, models, options.feed)),
      once(sql, options.once) {
  for (const auto* model : models.models()) {
    if (auto relations = models.relations_through(*model); !relations.empty()) {
      relations_through_.emplace(model, std::move(relations));
    }
  }
}

void store::open_feed() {
  sql.begin(true);
  try {
    if (log) {
      log->open();
    } else {
      sql.kind().interrupt_feed(sql);
    }
    sql.commit();
  } catch (...) {
    sql.rollback();
    throw;
  }
  if (log) {
    auto newest = log->cut();
    std::lock_guard lock{position_mutex_};
    position_ = std::move(newest);
  }
}

std::uint64_t store::next_version() {
  if (auto written = std::exchange(written_version_, 0)) {
    last_version_ = written;
    return last_version_;
  }
  if (auto counted = sql.kind().next_version(sql)) {
    last_version_ = *counted;
    return last_version_;
  }
  // Versions go on growing when the program starts again, as long as the clock does.
  if (last_version_ == 0) {
    last_version_ =
        static_cast<std::uint64_t>(std::max<std::int64_t>(timestamp::now().microseconds(), 0));
  }
  return ++last_version_;
}

const table_sql& store::statements(const model_descriptor& model) {
  auto known = tables_.find(&model);
  if (known != tables_.end()) {
    return known->second;
  }
  if (std::ranges::find(models.models(), &model) == models.models().end()) {
    throw store_failure(
        store_errc::failed,
        fmt::format("the model \"{}\" is not in the database's schema", model.name));
  }
  return tables_.emplace(&model, table_sql{model, sql.language()}).first->second;
}

const link_sql& store::statements(const relation_descriptor& relation, bool reverse) {
  auto known = links_.find({&relation, reverse});
  if (known == links_.end()) {
    known =
        links_.emplace(std::pair{&relation, reverse}, link_sql{relation, reverse, sql.language()})
            .first;
  }
  return known->second;
}

std::optional<record> store::find(const model_descriptor& model, std::size_t field,
                                  const value& x) {
  return find(model, field, x, statements(model).select_by);
}

std::optional<record> store::find_locked(const model_descriptor& model, std::size_t field,
                                         const value& x) {
  return find(model, field, x, statements(model).lock_by);
}

std::optional<record> store::find(const model_descriptor& model, std::size_t field, const value& x,
                                  const std::vector<std::string>& statement_texts) {
  if (field >= statement_texts.size()) {
    throw store_failure(store_errc::failed, fmt::format("\"{}\" has no such field", model.name));
  }
  auto wanted = fitted(model.fields[field], x);
  if (!wanted || is_null(*wanted) || !sql.language().can_hold(*wanted)) {
    return std::nullopt;
  }
  auto running = sql.prepare(statement_texts[field]);
  running->bind(0, *wanted);
  if (!running->execute()) {
    return std::nullopt;
  }
  return read_row(*running, 0, model);
}

std::optional<record> store::read_row(const found_row& from, std::size_t first,
                                      const model_descriptor& model) const {
  record result;
  result.reserve(model.fields.size());
  for (std::size_t i = 0; i < model.fields.size(); ++i) {
    auto x = read_value(from, first + i, model.fields[i]);
    if (!x) {
      report(from, first + i, model, model.fields[i], from.text(first + model.primary_key));
      if (i == model.primary_key) {
        return std::nullopt;
      }
      x = std::monostate{};
    }
    result.push_back(std::move(*x));
  }
  return result;
}

std::optional<value> store::read_key(const found_row& from, std::size_t column,
                                     const model_descriptor& model) const {
  auto result = read_value(from, column, model.key_field());
  if (!result) {
    report(from, column, model, model.key_field(), from.text(column));
  }
  return result;
}

void store::report(const found_row& from, std::size_t column, const model_descriptor& model,
                   const field_descriptor& field, std::string_view key) const {
  if (options.report) {
    options.report(fmt::format("{}.{} of the row {} can't be read: it is {}", model.table,
                               field.column, key, misfit(from, column, field)));
  }
}

void store::note(const model_descriptor& model, std::optional<record> before,
                 std::optional<record> after, std::vector<change::loaded> grouped) {
  auto linking = relations_through_.find(&model);
  auto is_link = linking != relations_through_.end();
  std::pair<std::optional<record>, std::optional<record>> link;
  if (is_link) {
    link = {before, after};
  }
  change x{.model = &model, .before = std::move(before), .after = std::move(after)};
  if (!x.after) {
    x.deleted = *x.before;
  }
  x.version = next_version();
  if (!x.after) {
    x.shown = std::move(grouped);
    load(x, plans_of_change);
  }
  changes_.push_back(std::move(x));
  if (is_link) {
    for (const auto* relation : linking->second) {
      note_link_row(*this, *relation, link.first, link.second);
    }
  }
}

void store::note_relation(const model_descriptor& model, record values, change::link_change links) {
  change x{.model = &model, .before = values, .after = std::move(values)};
  x.relation = links.relation;
  x.reverse = links.reverse;
  x.version = next_version();
  x.links.push_back(std::move(links));
  changes_.push_back(std::move(x));
}

void store::note_gap(const model_descriptor& model) {
  change x{.model = &model, .is_gap = true};
  x.version = next_version();
  changes_.push_back(std::move(x));
}

void store::load_shown() {
  for (auto& x : changes_) {
    if (x.after) {
      load_shown(x);
    }
  }
}

std::vector<change::loaded> store::load_groups(const model_descriptor& model,
                                               const record& values) {
  if (!groups_of_change) {
    return {};
  }
  change x{.model = &model, .before = values, .deleted = values};
  load(x, groups_of_change);
  return std::move(x.shown);
}

bool store::shows_more(const model_descriptor& model, const record& values) const {
  change x{.model = &model, .after = values};
  try {
    return (plans_of_change && !plans_of_change(x).empty())
           || (groups_of_change && !groups_of_change(x).empty());
  } catch (...) {
    return true;
  }
}

void store::load_shown(change& x) {
  load(x, plans_of_change);
  load(x, groups_of_change);
}

// Whatever observers and serializers of the application do, the row changes. Only what spoils the
// transaction ends the command.
void store::load(change& x, const database::plans_of_change& plans) {
  if (!plans) {
    return;
  }
  try {
    for (const auto* plan : plans(x)) {
      sql.restart_steps();
      std::vector<row> rows{{.values = x.last()}};
      fetch_related(*this, *x.model, *plan, rows);
      x.shown.push_back({plan, std::move(rows.front())});
    }
  } catch (const sql_error&) {
    if (sql.kind().errors_spoil_transaction()) {
      throw;
    }
  } catch (...) {
    // The announcement tries again, and tells of it.
  }
}

} // namespace dcrf::internal
