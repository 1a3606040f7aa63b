#pragma once

#include "dcrf/model/value.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dcrf {

struct model_descriptor;
struct condition;

/// What kind of values a field holds.
enum class field_type : std::uint8_t {
  boolean,
  integer,
  real,
  text,
  decimal,
  date,
  timestamp,
  uuid,
  json,
  /// One of a fixed list of texts.
  choice,
};

/// What happens to the rows that refer to a row that is deleted, as in Django.
enum class on_delete : std::uint8_t {
  /// They are deleted too.
  cascade,
  /// Their reference becomes null.
  set_null,
  /// The deletion is refused.
  restrict,
};

/// When a field takes the current time by itself.
enum class auto_time : std::uint8_t { never, on_create, on_save };

/// A field of a model: everything that SQL, JSON and validation need to know about it.
struct field_descriptor {
  std::string_view name;
  /// The name of the column in SQL.
  std::string_view column;
  field_type type = field_type::text;

  bool is_primary_key = false;
  bool is_nullable = false;
  bool is_unique = false;
  bool is_indexed = false;
  /// Whether an empty text is allowed.
  bool allows_blank = false;
  /// Whether a missing value takes the one that the struct initializes its member with.
  bool has_default = false;
  /// Whether the text must be an e-mail address.
  bool is_email = false;
  /// Whether it is counted up by each update of the row.
  bool is_version = false;
  auto_time automatic = auto_time::never;

  /// In Unicode code points.
  std::optional<std::size_t> max_length{};
  std::optional<std::int64_t> minimum{};
  std::optional<std::int64_t> maximum{};
  /// Of a decimal: all its digits, and those after the point.
  std::uint8_t digits = 0;
  std::uint8_t places = 0;
  std::span<const std::string_view> choices{};

  /// The model that a foreign key refers to; null for any other field.
  const model_descriptor& (*target)() = nullptr;
  dcrf::on_delete action = dcrf::on_delete::cascade;

  /// The value in a row that was only default-constructed.
  value (*initial)() = nullptr;
  /// Reads and writes the field of a row, which is an object of the model's struct.
  value (*get)(const void* row) = nullptr;
  void (*set)(void* row, const value& x) = nullptr;

  [[nodiscard]] bool is_foreign_key() const noexcept { return target != nullptr; }
};

namespace detail {

/// Sets the field of a row that was only default-constructed, unless its member can't hold the
/// value.
void read_into(const field_descriptor& field, void* row, const value& x);

} // namespace detail

/// A many-to-many relation, kept in a link table with the columns `source` and `target`, or in the
/// table of a model whose rows are its links.
struct relation_descriptor {
  std::string_view name;
  /// The relation's name seen from the other side; empty if it has none.
  std::string_view related_name;
  /// Whether no row at all may be related, when a serializer is given the rows.
  bool allows_blank = false;
  const model_descriptor& (*source)() = nullptr;
  const model_descriptor& (*target)() = nullptr;
  /// The model whose rows are the links; null where these have a table of their own.
  const model_descriptor& (*through)() = nullptr;
  /// The foreign keys of `through` that refer to the source and to the target.
  std::size_t source_field = 0;
  std::size_t target_field = 0;

  /// The name of the link table: that of `through`, or that of the source's table, `_` and the
  /// relation's name.
  [[nodiscard]] std::string table() const;
  /// The columns of the link table that refer to the source, and to the target.
  [[nodiscard]] std::string_view source_column() const;
  [[nodiscard]] std::string_view target_column() const;
  /// Whether one pair of rows may be linked several times.
  [[nodiscard]] bool may_repeat() const;
};

/// What holds for every row of a model.
struct check_descriptor {
  std::string_view name;
  condition (*holds)() = nullptr;
};

/// A model: its table, its fields and its relations. There is one object for each model, which
/// lives as long as the program, so models are compared by address.
struct model_descriptor {
  /// The name as messages say it, words apart: "user".
  std::string_view name;
  std::string_view table;
  /// In the order of the struct's members.
  std::span<const field_descriptor> fields;
  /// The index of the primary key in `fields`.
  std::size_t primary_key = 0;
  std::span<const relation_descriptor> relations;
  /// Sets of fields whose values no two rows have in common, unless one of them is null.
  std::span<const std::span<const std::size_t>> unique_together{};
  std::span<const check_descriptor> checks{};
  /// The field that each update counts up.
  std::optional<std::size_t> version{};

  [[nodiscard]] const field_descriptor& key_field() const { return fields[primary_key]; }
  [[nodiscard]] const value& key_of(const record& values) const { return values[primary_key]; }

  /// The index of a field by its name.
  [[nodiscard]] std::optional<std::size_t> find_field(std::string_view field) const noexcept;
  [[nodiscard]] const relation_descriptor* find_relation(std::string_view relation) const noexcept;

  friend bool operator==(const model_descriptor& lhs, const model_descriptor& rhs) noexcept {
    return &lhs == &rhs;
  }
};

} // namespace dcrf
