#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace dcrf::internal {

/// What went wrong in the database, as far as the store can do something about it.
enum class sql_errc : std::uint8_t {
  unique,
  foreign_key,
  not_null,
  check,
  /// The database can't be used now: locked, full, unreachable.
  unavailable,
  /// Another transaction was in the way: the same may work if it is run again from its start.
  conflict,
  /// Another transaction holds a lock for longer than this one waits.
  locked,
  other,
};

/// A statement that failed. For violated constraints, `table` and `column` say where, if the
/// database does; several columns are apart by ", ". Of a check, `column` is its name.
class sql_error : public std::runtime_error {
public:
  sql_error(sql_errc code, const std::string& text, std::string table = {}, std::string column = {})
      : std::runtime_error(text),
        code_(code),
        table_(std::move(table)),
        column_(std::move(column)) {}

  [[nodiscard]] sql_errc code() const noexcept { return code_; }
  [[nodiscard]] const std::string& table() const noexcept { return table_; }
  [[nodiscard]] const std::string& column() const noexcept { return column_; }

  [[nodiscard]] bool is_constraint() const noexcept {
    return code_ == sql_errc::unique || code_ == sql_errc::foreign_key
           || code_ == sql_errc::not_null || code_ == sql_errc::check;
  }

private:
  sql_errc code_;
  std::string table_;
  std::string column_;
};

} // namespace dcrf::internal
