#pragma once

#include "dcrf/model/value.hpp"

#include <soci/soci.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace dcrf::internal {

/// How the database keeps the value at hand.
enum class storage : std::uint8_t { null, integer, real, text, blob };

/// A prepared statement. Its parameters are bound to slots with fixed addresses, made at run time
/// because only then their types are known; it is prepared once for all executions.
///
/// Columns are read from the client library's own handle: SOCI would convert whatever the database
/// holds to the type it is asked for, without a word.
class statement {
public:
  statement(soci::session& session, std::string sql) : session_(session), sql_(std::move(sql)) {}

  /// Sets the parameter at `index`, counted from 0. They are set in order the first time.
  void bind(std::size_t index, const value& x);

  /// Runs the statement. Returns whether there is a row.
  /// @throws sql_error
  bool execute();

  /// Goes to the next row.
  /// @throws sql_error
  bool next();

  /// Gives back the locks that reading holds.
  void reset() noexcept;

  // -- the row at hand ----------------------------------------------------------------------------

  [[nodiscard]] storage type(std::size_t column) const;
  [[nodiscard]] std::int64_t integer(std::size_t column) const;
  [[nodiscard]] double real(std::size_t column) const;
  /// Valid until the next row.
  [[nodiscard]] std::string_view text(std::size_t column) const;

  [[nodiscard]] const std::string& sql() const noexcept { return sql_; }

private:
  struct slot {
    storage type = storage::null;
    long long integer = 0;
    double real = 0;
    std::string text;
    soci::indicator indicator = soci::i_null;
  };

  void prepare();
  void set_type(slot& x, storage type);

  soci::session& session_;
  std::string sql_;
  std::deque<slot> slots_;
  std::optional<soci::statement> prepared_;
};

} // namespace dcrf::internal
