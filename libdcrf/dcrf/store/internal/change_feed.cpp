#include "dcrf/store/internal/change_feed.hpp"

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
#include <string_view>
#include <utility>

namespace dcrf {

namespace {

using internal::statement;
using internal::store;

// A change as the table has it, by its version.
struct noted_change {
  // What its changes are summed within.
  std::string unit;
  std::string table;
  std::vector<change> changes{};
};

using noted_changes = std::map<std::int64_t, noted_change>;

// What one snapshot did not see and a later one does, but for the node's own. There is always a
// row, with what is seen now.
std::string notes_query(std::string_view bound, std::string_view order) {
  return fmt::format(
      "SELECT now.until, (SELECT NOT pg_visible_in_snapshot(pruned, now.seen) FROM dcrf_feed), "
      "c.version, c.unit, c.\"table\" "
      "FROM (SELECT CAST(:p1 AS pg_snapshot) AS seen, "
      "coalesce(CAST(:p2 AS pg_snapshot), pg_current_snapshot()) AS until) AS now "
      "LEFT JOIN LATERAL (SELECT version, concat_ws(' ', xid, CASE WHEN is_separate THEN xmin END) "
      "AS "
      "unit, \"table\" FROM dcrf_change WHERE {} AND NOT pg_visible_in_snapshot(xid, now.seen) "
      "AND pg_visible_in_snapshot(xid, now.until) "
      "AND node IS DISTINCT FROM nullif(CAST(:p4 AS text), '') "
      "ORDER BY {} LIMIT CAST(:p5 AS bigint)) AS c ON true ORDER BY c.version",
      bound, order);
}

// What is new is found by the index over transactions, which the order must not keep from being
// used; the rest of it by that over versions, so that it is not sorted again for each batch.
const std::string& query_of_new() {
  static const auto sql = notes_query("xid >= CAST(:p3 AS xid8)", "version + 0");
  return sql;
}

const std::string& query_of_rest() {
  static const auto sql = notes_query("version > CAST(:p3 AS bigint)", "version");
  return sql;
}

// PostgreSQL writes a snapshot as `xmin:xmax:xip,xip`: all transactions below the first one had
// ended.
std::string first_unseen(std::string_view snapshot) {
  return std::string{snapshot.substr(0, snapshot.find(':'))};
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
                     columns, internal::quoted_name(table));
}

// Nothing if the row's key can't be read: nobody has seen the row.
std::optional<change> read_change(store& at, const statement& x, const model_descriptor& model) {
  change result{.model = &model};
  if (x.integer(1) != 0) {
    result.before = at.read_row(x, 3, model);
  }
  if (x.integer(2) != 0) {
    result.after = at.read_row(x, 3 + model.fields.size(), model);
  }
  if (!result.before && !result.after) {
    return std::nullopt;
  }
  if (!result.after) {
    result.deleted = *result.before;
  }
  result.version = static_cast<std::uint64_t>(x.integer(0));
  return result;
}

// Reads the changes with these versions.
using reader = std::function<void(std::span<const value> versions)>;

// Reads all at once; if that fails, each half by itself, so that one which can't be read (the
// table's columns were others then, say) does not hold up the others.
void read_each(std::span<const value> versions, std::vector<std::string>& problems,
               const reader& read) {
  if (versions.empty()) {
    return;
  }
  std::string problem;
  try {
    read(versions);
    return;
  } catch (const store_failure& e) {
    problem = e.what();
  } catch (const internal::sql_error& e) {
    if (e.code() == internal::sql_errc::unavailable || e.code() == internal::sql_errc::locked) {
      throw;
    }
    problem = e.what();
  }
  if (versions.size() == 1) {
    problems.push_back(std::move(problem));
    return;
  }
  auto half = versions.size() / 2;
  read_each(versions.first(half), problems, read);
  read_each(versions.subspan(half), problems, read);
}

void read_rows(store& at, const model_descriptor& model, noted_changes& notes,
               std::vector<std::string>& problems) {
  auto sql = rows_of(model.table,
                     internal::columns_of(model, "b") + ", " + internal::columns_of(model, "a"));
  auto read = [&](std::span<const value> versions) {
    value array = at.sql.language().array_of(versions);
    std::vector<change> found;
    at.sql.each(sql, {&array, 1}, [&](const statement& x) {
      if (auto one = read_change(at, x, model)) {
        found.push_back(std::move(*one));
      }
    });
    for (auto& x : found) {
      notes.at(static_cast<std::int64_t>(x.version)).changes.push_back(std::move(x));
    }
  };
  read_each(versions_of(notes, model.table), problems, read);
}

// Rows that were related, or are no more.
struct noted_link {
  std::int64_t version;
  value source;
  value target;
  bool has_come;
};

// What became of the relations of a row that its unit of changes deleted is a part of that.
void add_to_deletion(noted_changes& notes, const std::string& unit, const model_descriptor& model,
                     const value& key, change::link_change links) {
  for (auto& [version, note] : notes) {
    for (auto& x : note.changes) {
      if (note.unit == unit && x.model == &model && x.relation == nullptr && !x.after
          && x.key() == key) {
        x.links.push_back(std::move(links));
        return;
      }
    }
  }
}

// A row as it is now, changed in that it is related to other rows.
void note_end(store& at, noted_changes& notes, const relation_descriptor& relation, bool reverse,
              const noted_link& x) {
  const auto& model = reverse ? relation.target() : relation.source();
  const auto& own = reverse ? x.target : x.source;
  change::link_change links{.relation = &relation, .reverse = reverse};
  (x.has_come ? links.came : links.gone).push_back(reverse ? x.source : x.target);
  auto& note = notes.at(x.version);
  auto values = at.find(model, model.primary_key, own);
  if (!values) {
    add_to_deletion(notes, note.unit, model, own, std::move(links));
    return;
  }
  change result{.model = &model, .before = values, .after = std::move(values)};
  result.relation = &relation;
  result.reverse = reverse;
  result.version = static_cast<std::uint64_t>(x.version);
  result.links.push_back(std::move(links));
  note.changes.push_back(std::move(result));
}

void note_links(store& at, noted_changes& notes, const relation_descriptor& relation,
                const std::vector<noted_link>& links) {
  for (const auto& x : links) {
    for (auto reverse : {false, true}) {
      note_end(at, notes, relation, reverse, x);
    }
  }
}

// The links of a relation that are rows of a model follow from the changes of these.
void read_link_rows(store& at, const relation_descriptor& relation, noted_changes& notes) {
  std::vector<noted_link> links;
  auto add = [&](std::int64_t version, const record& link, bool has_come) {
    const auto& source = link[relation.source_field];
    const auto& target = link[relation.target_field];
    if (!is_null(source) && !is_null(target)) {
      links.push_back({version, source, target, has_come});
    }
  };
  for (const auto& [version, note] : notes) {
    for (const auto& x : note.changes) {
      if (x.model != &relation.through() || x.relation != nullptr) {
        continue;
      }
      auto is_same = [&x](std::size_t field) {
        return x.before && x.after && (*x.before)[field] == (*x.after)[field];
      };
      if (is_same(relation.source_field) && is_same(relation.target_field)) {
        continue;
      }
      if (x.before) {
        add(version, *x.before, false);
      }
      if (x.after) {
        add(version, *x.after, true);
      }
    }
  }
  note_links(at, notes, relation, links);
}

void read_links(store& at, const relation_descriptor& relation, noted_changes& notes,
                std::vector<std::string>& problems) {
  const auto& source = relation.source();
  const auto& target = relation.target();
  auto table = relation.table();
  auto sql = rows_of(table, "b.source, b.target, a.source, a.target");
  std::vector<noted_link> links;
  auto read = [&](std::span<const value> versions) {
    value array = at.sql.language().array_of(versions);
    std::vector<noted_link> found;
    at.sql.each(sql, {&array, 1}, [&](const statement& x) {
      for (bool has_come : {false, true}) {
        if (x.integer(has_come ? 2 : 1) == 0) {
          continue;
        }
        auto from = at.read_key(x, has_come ? 5 : 3, source);
        auto to = at.read_key(x, has_come ? 6 : 4, target);
        if (from && to) {
          found.push_back({x.integer(0), std::move(*from), std::move(*to), has_come});
        }
      }
    });
    std::ranges::move(found, std::back_inserter(links));
  };
  read_each(versions_of(notes, table), problems, read);
  note_links(at, notes, relation, links);
}

void tell_of_each_other(std::vector<change>& changes) {
  auto deleted = std::make_shared<deleted_rows>();
  for (const auto& x : changes) {
    if (!x.after) {
      deleted->push_back({x.model, x.deleted});
    }
  }
  if (deleted->size() < 2) {
    return;
  }
  for (auto& x : changes) {
    if (!x.after) {
      x.deleted_together = deleted;
    }
  }
}

// Those of one unit as their sum, at the place of its last.
std::vector<change> summed_by_unit(const noted_changes& notes) {
  std::map<std::string, std::vector<change>> units;
  for (const auto& [version, note] : notes) {
    std::ranges::copy(note.changes, std::back_inserter(units[note.unit]));
  }
  std::vector<change> result;
  for (auto& [id, changes] : units) {
    auto sums = summed(std::move(changes));
    tell_of_each_other(sums);
    std::ranges::move(sums, std::back_inserter(result));
  }
  std::ranges::stable_sort(result, {}, &change::version);
  return result;
}

std::string first_text(store& at, std::string_view sql) {
  std::string result;
  at.sql.each(sql, {}, [&](const statement& x) { result = x.text(0); });
  return result;
}

} // namespace

struct change_feed::page {
  std::string until;
  bool has_gap = false;
  noted_changes notes{};
};

change_feed::change_feed(database& db, std::size_t batch_size)
    : reading_(db.options(), db.models()), batch_size_(batch_size) {
  auto& at = *reading_.connection_;
  try {
    node_ = first_text(*db.connection_, "SELECT current_setting('dcrf.node')");
    name_ = first_text(at, "SELECT id FROM dcrf_feed");
    seen_ = first_text(at, "SELECT pg_current_snapshot()");
  } catch (const internal::sql_error& e) {
    throw failure_of(at, e);
  }
}

change_feed::page change_feed::read_page() {
  auto& at = *reading_.connection_;
  page result;
  auto is_new = until_.empty();
  std::array<value, 5> parameters{seen_, std::monostate{}, last_read_, node_,
                                  static_cast<std::int64_t>(batch_size_)};
  if (is_new) {
    parameters[2] = first_unseen(seen_);
  } else {
    parameters[1] = until_;
  }
  at.sql.each(is_new ? query_of_new() : query_of_rest(), parameters, [&](const statement& x) {
    result.until = x.text(0);
    result.has_gap = is_new && x.integer(1) != 0;
    if (x.type(2) != internal::storage::null) {
      result.notes.emplace(x.integer(2),
                           noted_change{std::string{x.text(3)}, std::string{x.text(4)}});
    }
  });
  return result;
}

change_feed::batch change_feed::take() {
  auto& at = *reading_.connection_;
  batch result;
  page found;
  try {
    at.sql.restore();
    try {
      found = read_page();
    } catch (const internal::sql_error&) {
      // A connection that died while nobody used it has lost nothing.
      if (!at.sql.kind().is_lost()) {
        throw;
      }
      at.sql.restore();
      found = read_page();
    }
    if (!found.notes.empty()) {
      for (const auto* model : at.models.models()) {
        read_rows(at, *model, found.notes, result.problems);
      }
      for (const auto* model : at.models.models()) {
        for (const auto& relation : model->relations) {
          if (relation.through == nullptr) {
            read_links(at, relation, found.notes, result.problems);
          } else {
            read_link_rows(at, relation, found.notes);
          }
        }
      }
      result.changes = summed_by_unit(found.notes);
    }
  } catch (const internal::sql_error& e) {
    throw failure_of(at, e);
  }
  result.has_gap = found.has_gap;
  result.has_more = found.notes.size() == batch_size_;
  if (result.has_more) {
    until_ = std::move(found.until);
    last_read_ = std::prev(found.notes.end())->first;
  } else {
    seen_ = std::move(found.until);
    until_.clear();
  }
  return result;
}

void change_feed::prune() {
  auto& at = *reading_.connection_;
  try {
    at.sql.restore();
    first_text(at, "SELECT dcrf_prune_changes(interval '1 hour')");
  } catch (const internal::sql_error& e) {
    throw failure_of(at, e);
  }
}

} // namespace dcrf
