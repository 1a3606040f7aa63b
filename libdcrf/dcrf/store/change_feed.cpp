#include "dcrf/store/change_feed.hpp"

#include "dcrf/store/internal/row_writer.hpp"
#include "dcrf/store/internal/select.hpp"
#include "dcrf/store/internal/storage.hpp"
#include "dcrf/store/internal/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <map>
#include <span>
#include <utility>

namespace dcrf {

namespace {

using internal::statement;
using internal::store;

// A change as the table has it, by its version.
struct noted_change {
  std::string transaction;
  std::string table;
  std::vector<change> changes{};
};

using noted_changes = std::map<std::int64_t, noted_change>;

// What the snapshot did not see and this transaction does, but for the node's own.
noted_changes read_notes(store& at, const std::string& seen) {
  noted_changes result;
  std::array<value, 2> parameters{seen, seen};
  at.sql.each(
      "SELECT version, xid, \"table\" FROM dcrf_change "
      "WHERE xid >= pg_snapshot_xmin(CAST(:p1 AS pg_snapshot)) "
      "AND NOT pg_visible_in_snapshot(xid, CAST(:p2 AS pg_snapshot)) "
      "AND node IS DISTINCT FROM nullif(current_setting('dcrf.node', true), '') "
      "ORDER BY version",
      parameters, [&](const statement& x) {
        result.emplace(x.integer(0), noted_change{std::string{x.text(1)}, std::string{x.text(2)}});
      });
  return result;
}

std::vector<value> versions_of(const noted_changes& notes, std::string_view table) {
  std::vector<value> result;
  for (const auto& [version, note] : notes) {
    if (note.table == table) {
      result.emplace_back(version);
    }
  }
  return result;
}

// The columns of the rows before and after, in the types that the table has.
std::string rows_of(std::string_view table, const std::string& columns) {
  return fmt::format("SELECT c.version, c.before IS NOT NULL, c.after IS NOT NULL, {0} "
                     "FROM dcrf_change AS c, "
                     "LATERAL (SELECT (CAST(c.before AS {1})).*) AS b, "
                     "LATERAL (SELECT (CAST(c.after AS {1})).*) AS a "
                     "WHERE c.version = ANY (:p1)",
                     columns, internal::quoted(table));
}

change read_change(const statement& x, const model_descriptor& model) {
  change result{.model = &model};
  if (x.integer(1) != 0) {
    result.before = internal::read_record(x, 3, model);
  }
  if (x.integer(2) != 0) {
    result.after = internal::read_record(x, 3 + model.fields.size(), model);
  }
  if (!result.after) {
    result.deleted = *result.before;
  }
  result.version = static_cast<std::uint64_t>(x.integer(0));
  return result;
}

// Reads the changes with these versions.
using reader = std::function<void(std::span<const value> versions)>;

// Reads all at once; if that fails, one by one, so that one which can't be read (the table's
// columns were others then, say) does not hold up the others.
void read_each(store& at, const std::vector<value>& versions, std::vector<std::string>& problems,
               const reader& read) {
  if (versions.empty()) {
    return;
  }
  at.sql.set_savepoint();
  try {
    read(versions);
    at.sql.release_savepoint();
    return;
  } catch (const store_failure& e) {
    if (versions.size() == 1) {
      problems.emplace_back(e.what());
    }
  } catch (const internal::sql_error& e) {
    if (e.code() == internal::sql_errc::unavailable) {
      throw;
    }
    if (versions.size() == 1) {
      problems.emplace_back(e.what());
    }
  }
  at.sql.rollback_to_savepoint();
  at.sql.release_savepoint();
  if (versions.size() > 1) {
    for (const auto& one : versions) {
      read_each(at, {one}, problems, read);
    }
  }
}

void read_rows(store& at, const model_descriptor& model, noted_changes& notes,
               std::vector<std::string>& problems) {
  auto sql = rows_of(model.table,
                     internal::columns_of(model, "b") + ", " + internal::columns_of(model, "a"));
  auto read = [&](std::span<const value> versions) {
    value array = at.sql.language().array_of(versions);
    std::vector<change> found;
    at.sql.each(sql, {&array, 1},
                [&](const statement& x) { found.push_back(read_change(x, model)); });
    for (auto& x : found) {
      notes.at(static_cast<std::int64_t>(x.version)).changes.push_back(std::move(x));
    }
  };
  read_each(at, versions_of(notes, model.table), problems, read);
}

// Which rows were related, or are no more.
struct noted_link {
  std::int64_t version;
  value source;
  value target;
};

// A row as it is now, changed in that it is related to other rows.
std::optional<change> relation_change(store& at, const relation_descriptor& relation, bool reverse,
                                      const noted_link& x) {
  const auto& model = reverse ? relation.target() : relation.source();
  auto values = at.find(model, model.primary_key, reverse ? x.target : x.source);
  if (!values) {
    return std::nullopt;
  }
  return change{.model = &model,
                .before = values,
                .after = values,
                .relation = &relation,
                .reverse = reverse,
                .version = static_cast<std::uint64_t>(x.version)};
}

void read_links(store& at, const relation_descriptor& relation, noted_changes& notes,
                std::vector<std::string>& problems) {
  const auto& source = relation.source();
  const auto& target = relation.target();
  auto table = relation.table();
  auto sql = rows_of(table, "coalesce(a.source, b.source), coalesce(a.target, b.target)");
  std::vector<noted_link> links;
  auto read = [&](std::span<const value> versions) {
    value array = at.sql.language().array_of(versions);
    at.sql.each(sql, {&array, 1}, [&](const statement& x) {
      links.push_back({x.integer(0), internal::read_value(x, 3, source, source.key_field()),
                       internal::read_value(x, 4, target, target.key_field())});
    });
  };
  read_each(at, versions_of(notes, table), problems, read);
  for (const auto& x : links) {
    for (auto reverse : {false, true}) {
      if (auto found = relation_change(at, relation, reverse, x)) {
        notes.at(x.version).changes.push_back(std::move(*found));
      }
    }
  }
}

// Those of one transaction as their sum, at the place of the transaction's last.
std::vector<change> summed_by_transaction(const noted_changes& notes) {
  std::map<std::string, std::vector<change>> transactions;
  for (const auto& [version, note] : notes) {
    std::ranges::copy(note.changes, std::back_inserter(transactions[note.transaction]));
  }
  std::vector<change> result;
  for (auto& [id, changes] : transactions) {
    std::ranges::move(summed(std::move(changes)), std::back_inserter(result));
  }
  std::ranges::stable_sort(result, {}, &change::version);
  return result;
}

std::string snapshot(store& at) {
  std::string result;
  at.sql.each("SELECT pg_current_snapshot()", {}, [&](const statement& x) { result = x.text(0); });
  return result;
}

// A transaction in which all queries see the same.
class reading {
public:
  explicit reading(store& at) : at_(at) { at_.sql.begin(false); }
  reading(const reading&) = delete;
  reading& operator=(const reading&) = delete;
  ~reading() { at_.sql.rollback(); }

private:
  store& at_;
};

} // namespace

change_feed::change_feed(database& db) : database_(&db), read_at_(clock::now()) {
  auto& at = *db.connection_;
  try {
    reading open{at};
    seen_ = snapshot(at);
  } catch (const internal::sql_error& e) {
    throw failure_of(at, e);
  }
}

change_feed::batch change_feed::take() {
  auto& at = *database_->connection_;
  batch result;
  try {
    reading open{at};
    auto notes = read_notes(at, seen_);
    if (!notes.empty()) {
      for (const auto* model : at.models.models()) {
        read_rows(at, *model, notes, result.problems);
        for (const auto& relation : model->relations) {
          read_links(at, relation, notes, result.problems);
        }
      }
      result.changes = summed_by_transaction(notes);
    }
    seen_ = snapshot(at);
  } catch (const internal::sql_error& e) {
    throw failure_of(at, e);
  }
  auto now = clock::now();
  if (now - read_at_ > kept_for) {
    result.problems.emplace_back("changes of other programs were not read for longer than they are "
                                 "kept: some may be missing");
  }
  read_at_ = now;
  return result;
}

void change_feed::prune() {
  auto& at = *database_->connection_;
  try {
    at.sql.restore();
    at.sql.execute(fmt::format("DELETE FROM dcrf_change WHERE at < now() - interval '{} hours'",
                               kept_for.count()));
  } catch (const internal::sql_error& e) {
    throw failure_of(at, e);
  }
}

} // namespace dcrf
