#pragma once

#include "dcrf/model/descriptor.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace dcrf::internal {

/// A table's or column's name in SQL: in quotes, so that any name will do.
[[nodiscard]] std::string quoted_name(std::string_view name);

/// A text as a literal of SQL.
[[nodiscard]] std::string quoted_text(std::string_view text);

/// Where the databases differ in what they call things.
class dialect {
public:
  virtual ~dialect() = default;

  // -- columns ------------------------------------------------------------------------------------

  [[nodiscard]] virtual std::string type_of(const field_descriptor& field) const = 0;
  /// A type as it stands in the definition of a column.
  [[nodiscard]] virtual std::string definition_of(std::string_view type) const = 0;
  /// The type of a primary key that is counted up and never used again, with the words for that.
  [[nodiscard]] virtual std::string_view counted_key() const = 0;
  /// How many of some rows one statement inserts, with keys that are counted.
  [[nodiscard]] virtual std::size_t inserted_together(std::size_t rows) const noexcept = 0;
  /// Whether that statement takes an array for each column, and gives a row with the key and the
  /// version for each row, in any order: keys count up in the order of the rows. If not, it takes
  /// all values one by one, and the keys have no gaps.
  [[nodiscard]] virtual bool inserts_arrays() const noexcept = 0;
  /// What messages call such a key.
  [[nodiscard]] virtual std::string_view counting() const = 0;
  /// What follows the columns of a new table.
  [[nodiscard]] virtual std::string_view table_options() const = 0;
  /// When a reference to another row is looked at.
  [[nodiscard]] virtual std::string_view deferral() const = 0;
  /// A value as a literal; empty for null.
  [[nodiscard]] virtual std::string literal(const value& x) const = 0;
  /// The default that a column which may not be null must have to be added to an empty table; empty
  /// if it needs none.
  [[nodiscard]] virtual std::string_view unused_default(std::string_view type) const = 0;

  // -- conditions ---------------------------------------------------------------------------------

  /// Whether the database can hold a value at all.
  [[nodiscard]] virtual bool can_hold(const value& x) const noexcept = 0;
  /// A column in a form that can be compared and ordered.
  [[nodiscard]] virtual std::string comparable(std::string column,
                                               const field_descriptor& field) const = 0;

  // Conditions on two texts.
  [[nodiscard]] virtual std::string contains(std::string_view text,
                                             std::string_view part) const = 0;
  [[nodiscard]] virtual std::string startswith(std::string_view text,
                                               std::string_view part) const = 0;
  [[nodiscard]] virtual std::string endswith(std::string_view text,
                                             std::string_view part) const = 0;
  /// A text without the difference of case, by Unicode's rules.
  [[nodiscard]] virtual std::string folded(std::string_view text) const = 0;

  /// Whether a column is one of the elements of an array: a list of any length is one parameter,
  /// and one statement.
  [[nodiscard]] virtual std::string in_array(std::string_view column,
                                             std::string_view array) const = 0;
  /// Whether a value arrives unchanged as an element of such an array.
  [[nodiscard]] virtual bool fits_array(const value& x) const noexcept = 0;
  /// Values as the parameter that is the array.
  [[nodiscard]] virtual std::string array_of(std::span<const value> values) const = 0;

  /// The average of a column of numbers, as a real.
  [[nodiscard]] virtual std::string average(std::string_view column,
                                            const field_descriptor& field) const = 0;

  // -- statements ---------------------------------------------------------------------------------

  /// What follows a column in ORDER BY. Nulls are less than anything else.
  [[nodiscard]] virtual std::string_view ordered(bool is_descending, bool is_nullable) const = 0;
  /// What stands for no LIMIT where there is an OFFSET.
  [[nodiscard]] virtual std::string_view no_limit() const = 0;
  /// What follows a query whose rows of the table `t0` nobody else may change before the
  /// transaction ends.
  [[nodiscard]] virtual std::string_view locked() const = 0;
  /// What follows an insert for the database to tell the key that it counted, and the version.
  [[nodiscard]] virtual std::string returning(std::string_view key) const = 0;
  /// An update of many rows that gives their number, and of each of the fields the least and the
  /// greatest value that it got; of some of the rows each time, or of all.
  [[nodiscard]] virtual std::string
  returning_extremes(std::string_view update,
                     std::span<const field_descriptor* const> fields) const = 0;
  /// What follows a write of a row for the database to tell the version of the change; empty if
  /// this program counts them.
  [[nodiscard]] virtual std::string_view returning_version() const = 0;
};

[[nodiscard]] const dialect& sqlite_dialect() noexcept;
[[nodiscard]] const dialect& postgresql_dialect() noexcept;

} // namespace dcrf::internal
