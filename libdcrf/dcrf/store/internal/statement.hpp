#pragma once

#include "dcrf/model/value.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace dcrf::internal {

/// What a column holds, in the terms that all databases share: booleans are the integers 0 and 1,
/// times are integers, the microseconds since 1970, and decimals are integers without their point.
enum class storage : std::uint8_t { null, integer, real, text, blob };

/// The row at hand of what a statement has found. Columns are counted from 0.
class found_row {
public:
  found_row() = default;
  found_row(const found_row&) = delete;
  found_row& operator=(const found_row&) = delete;
  virtual ~found_row() = default;

  [[nodiscard]] virtual std::size_t columns() const = 0;
  [[nodiscard]] virtual storage type(std::size_t column) const = 0;
  [[nodiscard]] virtual std::int64_t integer(std::size_t column) const = 0;
  [[nodiscard]] virtual double real(std::size_t column) const = 0;
  /// Valid until the next row.
  [[nodiscard]] virtual std::string_view text(std::size_t column) const = 0;
};

/// A prepared statement of some database. Its parameters are bound to slots with fixed addresses,
/// made at run time because only then their types are known; it is prepared once for all
/// executions.
///
/// Columns are read from the client library's own handle: SOCI would convert whatever the database
/// holds to the type it is asked for, without a word.
class statement : public found_row {
public:
  explicit statement(std::string sql) : sql_(std::move(sql)) {}

  /// Sets the parameter at `index`, counted from 0. They are set in order the first time.
  virtual void bind(std::size_t index, const value& x) = 0;

  /// Runs the statement. Returns whether there is a row.
  /// @throws sql_error
  virtual bool execute() = 0;

  /// Goes to the next row.
  /// @throws sql_error
  virtual bool next() = 0;

  /// Gives back the locks and the memory that reading holds.
  virtual void reset() noexcept = 0;

  /// How many rows the execution touched, if it was an insert, update or delete.
  [[nodiscard]] virtual std::int64_t changed_rows() = 0;
  /// The key that the database counted up for the row inserted, or for the last of several.
  [[nodiscard]] virtual std::int64_t inserted_key() = 0;
  /// Whether the execution changed rows that it does not name: there is a trigger.
  [[nodiscard]] virtual bool changed_others() = 0;

  [[nodiscard]] const std::string& sql() const noexcept { return sql_; }

private:
  std::string sql_;
};

} // namespace dcrf::internal
