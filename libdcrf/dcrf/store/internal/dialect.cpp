#include "dcrf/store/internal/dialect.hpp"

#include "dcrf/store/internal/storage.hpp"

#include <fmt/format.h>

namespace dcrf::internal {

namespace {

std::string in_quotes(std::string_view text, char quote) {
  std::string result{quote};
  for (auto c : text) {
    result += c;
    if (c == quote) {
      result += c;
    }
  }
  result += quote;
  return result;
}

// LIKE and GLOB have wildcards, end at a NUL, and the former ignores case: instr does none of it.
class sqlite final : public dialect {
public:
  std::string_view type_of(const field_descriptor& field) const override {
    switch (storage_of(field.type)) {
    case storage::integer:
      return "INTEGER";
    case storage::real:
      return "REAL";
    default:
      return "TEXT";
    }
  }

  std::string_view counted_key() const override { return "INTEGER PRIMARY KEY AUTOINCREMENT"; }

  std::string_view table_options() const override { return " STRICT"; }

  std::string contains(std::string_view text, std::string_view part) const override {
    return fmt::format("instr({}, {}) > 0", text, part);
  }

  std::string icontains(std::string_view text, std::string_view part) const override {
    return fmt::format("instr(lower({}), lower({})) > 0", text, part);
  }

  std::string startswith(std::string_view text, std::string_view part) const override {
    return fmt::format("instr({}, {}) = 1", text, part);
  }

  std::string in_array(std::string_view column, std::string_view array) const override {
    return fmt::format("{} IN (SELECT value FROM json_each({}))", column, array);
  }

  std::string_view restart_keys() const override {
    return "DELETE FROM sqlite_sequence WHERE name = :p1";
  }

  std::string_view no_limit() const override { return "-1"; }
};

} // namespace

std::string quoted(std::string_view name) { return in_quotes(name, '"'); }
std::string quoted_text(std::string_view text) { return in_quotes(text, '\''); }

const dialect& sqlite_dialect() noexcept {
  static const sqlite instance;
  return instance;
}

} // namespace dcrf::internal
