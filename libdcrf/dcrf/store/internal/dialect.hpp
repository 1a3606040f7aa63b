#pragma once

#include "dcrf/model/descriptor.hpp"

#include <string>
#include <string_view>

namespace dcrf::internal {

/// A table's or column's name in SQL: in quotes, so that any name will do.
[[nodiscard]] std::string quoted(std::string_view name);

/// A text as a literal of SQL.
[[nodiscard]] std::string quoted_text(std::string_view text);

/// Where the databases differ in what they call things.
class dialect {
public:
  virtual ~dialect() = default;

  [[nodiscard]] virtual std::string_view type_of(const field_descriptor& field) const = 0;
  /// The type of a primary key that is counted up and never used again, with the words for that.
  [[nodiscard]] virtual std::string_view counted_key() const = 0;
  /// What follows the columns of a new table.
  [[nodiscard]] virtual std::string_view table_options() const = 0;

  // Conditions on two texts.
  [[nodiscard]] virtual std::string contains(std::string_view text,
                                             std::string_view part) const = 0;
  [[nodiscard]] virtual std::string icontains(std::string_view text,
                                              std::string_view part) const = 0;
  [[nodiscard]] virtual std::string startswith(std::string_view text,
                                               std::string_view part) const = 0;

  /// Whether a column is one of the elements of a JSON array: a list of any length is one
  /// parameter, and one statement.
  [[nodiscard]] virtual std::string in_array(std::string_view column,
                                             std::string_view array) const = 0;

  /// Makes the counted keys of an empty table, whose name is bound, start at 1 again.
  [[nodiscard]] virtual std::string_view restart_keys() const = 0;

  /// What stands for no LIMIT where there is an OFFSET.
  [[nodiscard]] virtual std::string_view no_limit() const = 0;
};

[[nodiscard]] const dialect& sqlite_dialect() noexcept;

} // namespace dcrf::internal
