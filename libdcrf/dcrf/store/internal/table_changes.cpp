#include "dcrf/store/internal/table_changes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dcrf::internal {

namespace {

template <class... Args>
[[noreturn]] void refuse(const table_spec& table, const column_spec& column,
                         fmt::format_string<Args...> reason, Args&&... args) {
  throw store_failure(store_errc::failed,
                      fmt::format("the table \"{}\" can't be migrated: its column \"{}\" {}",
                                  table.name, column.name,
                                  fmt::format(reason, std::forward<Args>(args)...)));
}

// The line of code that explains a difference.
template <class... Args>
std::string a_step(fmt::format_string<Args...> call, Args&&... args) {
  return fmt::format("if that is meant, say so: dcrf::migration(\"…\").{}",
                     fmt::format(call, std::forward<Args>(args)...));
}

// What changes a column; the columns of link tables and keys are changed by nobody.
std::string a_change(const column_spec& wanted) {
  return wanted.is_key || wanted.member.empty()
             ? "create a new table as the model wants it, copy the rows, and give it the name of "
               "the old one"
             : a_step("changed<{}>(\"SQL for the new value\")", wanted.member);
}

std::string in_words(const std::vector<reference_spec>& references) {
  std::string result;
  for (const auto& x : references) {
    result += result.empty() ? "" : " and ";
    result += fmt::format("refers to {}.{} (ON DELETE {})", x.table, x.column, x.on_delete);
  }
  return result.empty() ? "refers to nothing" : result;
}

std::string key_in_words(const column_spec& x, std::string_view counting) {
  if (!x.is_key) {
    return "no primary key";
  }
  return fmt::format("a primary key {} {}", x.is_counted ? "with" : "without", counting);
}

void check_same(const table_spec& table, const column_spec& found, const column_spec& wanted,
                const dialect& language) {
  if (found.type != wanted.type) {
    refuse(table, wanted, "has the type {}, but the model wants {}; {}", found.type, wanted.type,
           a_change(wanted));
  }
  if (found.is_key != wanted.is_key || found.is_counted != wanted.is_counted) {
    refuse(table, wanted, "is {}, but the model wants {}; {}",
           key_in_words(found, language.counting()), key_in_words(wanted, language.counting()),
           a_change(wanted));
  }
  if (found.is_nullable != wanted.is_nullable) {
    refuse(table, wanted, "{}, but the model wants the opposite; {}",
           found.is_nullable ? "may be null" : "may not be null", a_change(wanted));
  }
  if (found.references != wanted.references) {
    refuse(table, wanted, "{}, but in the model it {}; {}", in_words(found.references),
           in_words(wanted.references), a_change(wanted));
  }
}

bool is_empty(connection& sql, const table_spec& table) {
  return !sql.exists(fmt::format("SELECT 1 FROM {} LIMIT 1", quoted_name(table.name)), {});
}

table_change new_index(const table_spec& table, const column_spec& column) {
  table_change result{fmt::format("Created the {}index over {}.{}.",
                                  column.is_unique ? "unique " : "", table.name, column.name),
                      create_index_sql(table, column)};
  if (column.is_unique) {
    result.duplicates = fmt::format("SELECT {0} FROM {1} WHERE {0} IS NOT NULL GROUP BY {0} "
                                    "HAVING count(*) > 1 LIMIT 1",
                                    quoted_name(column.name), quoted_name(table.name));
    result.refusal = fmt::format("the table \"{}\" can't be migrated: its column \"{}\" shall be "
                                 "unique, but several rows hold",
                                 table.name, column.name);
  }
  return result;
}

table_change new_joint_index(const table_spec& table, const std::vector<std::string>& columns) {
  auto list = quoted_list(columns);
  std::string present;
  for (const auto& x : columns) {
    present += fmt::format("{}{} IS NOT NULL", present.empty() ? "" : " AND ", quoted_name(x));
  }
  auto names = fmt::format("{}", fmt::join(columns, ", "));
  return {fmt::format("Created the unique index over {} ({}).", table.name, names),
          create_index_sql(table, columns),
          fmt::format("SELECT {1} FROM {0} WHERE {2} GROUP BY {1} HAVING count(*) > 1 LIMIT 1",
                      quoted_name(table.name), list, present),
          fmt::format("the table \"{}\" can't be migrated: its columns {} shall be unique "
                      "together, but several rows hold the same, the first of them",
                      table.name, names)};
}

bool wants_index(const column_spec& x) { return x.has_index || x.is_unique; }

// What the rows that are there get in a new column.
std::string initial_of(connection& sql, const table_spec& table, const column_spec& column) {
  if (!column.initial.empty() || column.is_nullable) {
    return column.initial;
  }
  if (!is_empty(sql, table)) {
    refuse(table, column,
           "is new, may not be null and has no default, and there are rows; give the field a "
           "default or make it optional, or say what they get: "
           "dcrf::migration(\"…\").added<{}>(\"SQL for the value\")",
           column.member);
  }
  // No row will ever have it.
  return std::string{sql.language().unused_default(column.type)};
}

// A column that the model lacks, and one of the same type that the table lacks, may be one that got
// another name: nobody wants an empty one beside the full one.
void check_no_new_name(const table_spec& found, const table_spec& wanted,
                       const column_spec& column) {
  for (const auto& old : found.columns) {
    if (wanted.find(old.name) == nullptr && old.type == column.type) {
      refuse(
          wanted, column,
          "is new, and the model lacks the column \"{0}\" of the same type; say what that one is: "
          "dcrf::migration(\"…\") with .renamed<{1}>(\"{0}\") if it has got this name, "
          ".dropped<{2}>(\"{0}\") if nobody needs it, .kept<{2}>(\"{0}\") if it is somebody else's",
          old.name, column.member, wanted.model);
    }
  }
}

void add_column(connection& sql, const table_spec& table, const column_spec& column,
                std::vector<table_change>& changes) {
  if (column.is_key) {
    refuse(table, column, "is the primary key in the model, but it is not there; {}",
           a_change(column));
  }
  changes.push_back(
      {fmt::format("Added the column {}.{}.", table.name, column.name),
       add_column_sql(table, column, sql.language(), initial_of(sql, table, column))});
  if (wants_index(column)) {
    changes.push_back(new_index(table, column));
  }
}

void check_unknown_columns(const table_spec& found, const table_spec& wanted) {
  for (const auto& column : found.columns) {
    if (wanted.find(column.name) != nullptr) {
      continue;
    }
    if (column.is_key || (!column.is_nullable && column.initial.empty())) {
      refuse(found, column, "is not in the model, and no row could be inserted without it; {}",
             a_step("dropped<{}>(\"{}\")", wanted.model, column.name));
    }
  }
}

// Indexes that only earlier versions of the models wanted; a unique one would refuse rows.
void drop_old_indexes(const table_info& found, const table_spec& wanted,
                      std::vector<table_change>& changes) {
  for (const auto& column : wanted.columns) {
    for (auto unique : {true, false}) {
      auto old = column;
      old.is_unique = unique;
      auto name = index_name(wanted, old);
      auto is_wanted = wants_index(column) && column.is_unique == unique;
      if (!is_wanted
          && std::ranges::find(found.indexes, name, &index_info::name) != found.indexes.end()) {
        changes.push_back({fmt::format("Dropped the {}index over {}.{}.", unique ? "unique " : "",
                                       wanted.name, column.name),
                           "DROP INDEX " + quoted_name(name)});
      }
    }
  }
}

bool has_joint_index(const table_info& found, const std::vector<std::string>& columns) {
  return std::ranges::any_of(found.joint_indexes, [&](const joint_index_info& x) {
    return std::ranges::is_permutation(x.columns, columns);
  });
}

void drop_old_joint_indexes(const table_info& found, const table_spec& wanted,
                            std::vector<table_change>& changes) {
  for (const auto& x : found.joint_indexes) {
    auto is_wanted = std::ranges::any_of(wanted.unique_together, [&](const auto& columns) {
      return std::ranges::is_permutation(x.columns, columns);
    });
    if (!is_wanted && x.name == index_name(wanted, x.columns)) {
      changes.push_back({fmt::format("Dropped the unique index over {} ({}).", wanted.name,
                                     fmt::join(x.columns, ", ")),
                         "DROP INDEX " + quoted_name(x.name)});
    }
  }
}

bool has_index(const table_info& found, const column_spec& column) {
  return std::ranges::any_of(found.indexes, [&](const index_info& x) {
    return x.column == column.name && x.is_unique == column.is_unique;
  });
}

bool is_like(const table_spec& found, const table_spec& wanted) {
  return found.columns.size() == wanted.columns.size()
         && std::ranges::all_of(wanted.columns, [&](const column_spec& x) {
              const auto* other = found.find(x.name);
              return other != nullptr && other->type == x.type && other->references == x.references;
            });
}

} // namespace

void check_no_new_name(const std::vector<table_info>& unknown, const table_spec& wanted) {
  for (const auto& old : unknown) {
    if (is_like(old.spec, wanted)) {
      auto renamed = wanted.model.empty()
                         ? fmt::format("renamed_table(\"{}\", \"{}\")", old.spec.name, wanted.name)
                         : fmt::format("renamed_table<{}>(\"{}\")", wanted.model, old.spec.name);
      throw store_failure(
          store_errc::failed,
          fmt::format("the table \"{0}\" is new, and no model has the table \"{1}\" with the same "
                      "columns; say what that one is: dcrf::migration(\"…\") with .{2} if it has "
                      "got this name, .dropped_table(\"{1}\") if nobody needs it, "
                      ".kept_table(\"{1}\") if it is somebody else's",
                      wanted.name, old.spec.name, renamed));
    }
  }
}

std::vector<table_change> creation_of(connection& sql, const table_spec& wanted) {
  std::vector<table_change> result{{fmt::format("Created the table {}.", wanted.name),
                                    create_table_sql(wanted, sql.language())}};
  for (const auto& column : wanted.columns) {
    if (wants_index(column)) {
      result.push_back(new_index(wanted, column));
    }
  }
  for (const auto& columns : wanted.unique_together) {
    result.push_back(new_joint_index(wanted, columns));
  }
  return result;
}

std::vector<table_change> changes_between(connection& sql, const table_info& found,
                                          const table_spec& wanted) {
  std::vector<table_change> result;
  check_unknown_columns(found.spec, wanted);
  for (const auto& column : wanted.columns) {
    const auto* existing = found.spec.find(column.name);
    if (existing == nullptr) {
      check_no_new_name(found.spec, wanted, column);
      add_column(sql, wanted, column, result);
      continue;
    }
    check_same(wanted, *existing, column, sql.language());
    if (wants_index(column) && !has_index(found, column)) {
      result.push_back(new_index(wanted, column));
    }
  }
  for (const auto& columns : wanted.unique_together) {
    if (!has_joint_index(found, columns)) {
      result.push_back(new_joint_index(wanted, columns));
    }
  }
  drop_old_indexes(found, wanted, result);
  drop_old_joint_indexes(found, wanted, result);
  return result;
}

void check_possible(connection& sql, const table_change& x) {
  if (x.duplicates.empty()) {
    return;
  }
  sql.each(x.duplicates, {}, [&](const statement& found) {
    throw store_failure(store_errc::failed,
                        fmt::format("{} {}; change them first", x.refusal, found.text(0)));
  });
}

} // namespace dcrf::internal
