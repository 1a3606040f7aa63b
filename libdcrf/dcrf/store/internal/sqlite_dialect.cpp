#include "dcrf/json/json_writer.hpp"
#include "dcrf/store/internal/dialect.hpp"
#include "dcrf/store/internal/storage.hpp"
#include "dcrf/store/internal/table_sql.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace dcrf::internal {

namespace {

void append_element(json_writer& array, const value& x) {
  if (const auto* document = std::get_if<json_text>(&x)) {
    array.text(document->str());
  } else if (const auto* time = std::get_if<timestamp>(&x)) {
    array.integer(time->microseconds());
  } else if (const auto* number = std::get_if<decimal>(&x)) {
    array.integer(number->unscaled);
  } else if (const auto* truth = std::get_if<bool>(&x)) {
    array.integer(std::int64_t{*truth});
  } else if (const auto* integer = std::get_if<std::int64_t>(&x)) {
    array.integer(*integer);
  } else {
    array.text(to_string(x));
  }
}

// LIKE and GLOB have wildcards, end at a NUL, and the former ignores case: instr does none of it.
class sqlite_language final : public dialect {
public:
  std::string type_of(const field_descriptor& field) const override {
    switch (storage_of(field.type)) {
    case storage::integer:
      return "INTEGER";
    case storage::real:
      return "REAL";
    default:
      return "TEXT";
    }
  }

  std::string definition_of(std::string_view type) const override { return std::string{type}; }

  std::string_view counted_key() const override { return "INTEGER PRIMARY KEY AUTOINCREMENT"; }
  // Nobody else writes meanwhile.
  std::size_t inserted_together(std::size_t rows) const noexcept override {
    return std::bit_floor(std::min(rows, most_inserted_together));
  }
  bool inserts_arrays() const noexcept override { return false; }
  std::string_view counting() const override { return "AUTOINCREMENT"; }
  std::string_view table_options() const override { return " STRICT"; }

  // Rows that refer to each other are written and deleted one by one.
  std::string_view deferral() const override { return "DEFERRABLE INITIALLY DEFERRED"; }

  // A literal with 17 digits is read back as the same number.
  std::string literal(const value& x) const override {
    if (const auto* number = std::get_if<std::int64_t>(&x)) {
      return std::to_string(*number);
    }
    if (const auto* truth = std::get_if<bool>(&x)) {
      return *truth ? "1" : "0";
    }
    if (const auto* real = std::get_if<double>(&x)) {
      return fmt::format("{:.17e}", *real);
    }
    if (const auto* number = std::get_if<decimal>(&x)) {
      return std::to_string(number->unscaled);
    }
    if (const auto* time = std::get_if<timestamp>(&x)) {
      return std::to_string(time->microseconds());
    }
    if (const auto* document = std::get_if<json_text>(&x)) {
      return quoted_text(document->str());
    }
    return is_null(x) ? std::string{} : quoted_text(to_string(x));
  }

  std::string_view unused_default(std::string_view type) const override {
    return type == "TEXT" ? "''" : "0";
  }

  bool can_hold(const value&) const noexcept override { return true; }

  std::string comparable(std::string column, const field_descriptor&) const override {
    return column;
  }

  std::string contains(std::string_view text, std::string_view part) const override {
    return fmt::format("instr({}, {}) > 0", text, part);
  }

  std::string startswith(std::string_view text, std::string_view part) const override {
    return fmt::format("instr({}, {}) = 1", text, part);
  }

  // See sqlite_functions.
  std::string endswith(std::string_view text, std::string_view part) const override {
    return fmt::format("dcrf_endswith({}, {})", text, part);
  }
  std::string folded(std::string_view text) const override {
    return fmt::format("dcrf_fold({})", text);
  }

  std::string in_array(std::string_view column, std::string_view array) const override {
    return fmt::format("{} IN (SELECT value FROM json_each({}))", column, array);
  }

  // SQLite's JSON ends texts at a NUL and may read a real as its neighbour.
  bool fits_array(const value& x) const noexcept override {
    if (const auto* text = std::get_if<std::string>(&x)) {
      return text->find('\0') == std::string::npos;
    }
    return !std::holds_alternative<double>(x);
  }

  std::string array_of(std::span<const value> values) const override {
    std::string result;
    json_writer array{result};
    array.begin_array();
    for (const auto& x : values) {
      append_element(array, x);
    }
    array.end_array();
    return result;
  }

  // Decimals are kept without their point.
  std::string average(std::string_view column, const field_descriptor& field) const override {
    return field.type == field_type::decimal
               ? fmt::format("avg({}) / 1{:0>{}}.0", column, "", field.places)
               : fmt::format("avg({})", column);
  }

  std::string_view ordered(bool is_descending, bool) const override {
    return is_descending ? " DESC" : "";
  }
  std::string_view no_limit() const override { return "-1"; }
  // A writer has the whole database to itself, and the last key is at hand.
  std::string_view locked() const override { return ""; }
  std::string returning(std::string_view) const override { return {}; }
  // No other statement can be made of one that writes.
  std::string returning_extremes(std::string_view update,
                                 std::span<const field_descriptor* const> fields) const override {
    auto result = fmt::format("{} RETURNING 1", update);
    for (const auto* field : fields) {
      result += fmt::format(", {0}, {0}", quoted_name(field->column));
    }
    return result;
  }
  std::string_view returning_version() const override { return {}; }
};

} // namespace

const dialect& sqlite_dialect() noexcept {
  static const sqlite_language instance;
  return instance;
}

} // namespace dcrf::internal
