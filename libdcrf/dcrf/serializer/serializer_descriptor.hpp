#pragma once

#include "dcrf/json/json_writer.hpp"
#include "dcrf/model/descriptor.hpp"
#include "dcrf/serializer/serializer_context.hpp"
#include "dcrf/store/row.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf {

struct serializer_descriptor;
struct serializer_layout;
struct validated_input;

/// Where a serializer takes the value of a field from.
enum class field_source : std::uint8_t {
  /// A column of the row.
  column,
  /// A column of the row at the end of some foreign keys.
  path,
  /// One row that belongs to the row: an object, or null if there is none.
  related_row,
  /// Any number of rows that belong to the row: a list.
  related_rows,
  /// What the rows that belong to the row come to: a value.
  summary,
  /// A function of the row.
  computed,
  /// What a client can send to see a row, or rows, that belong to the row.
  link,
};

/// Whether the input must have a field.
enum class requirement : std::uint8_t {
  /// As the model says: unless it has a default, may be null or may be blank.
  as_model,
  required,
  optional,
};

/// The rows that a field shows besides the row itself.
struct related_source {
  struct order {
    std::size_t field = 0;
    bool is_descending = false;
  };

  fetch::side side = fetch::side::foreign_key;
  /// The model of these rows.
  const model_descriptor* model = nullptr;
  /// The foreign key: of the row itself, or of those that refer to it.
  std::size_t field = 0;
  const relation_descriptor* relation = nullptr;
  std::span<const order> order_by{};
  std::optional<std::int64_t> limit{};
  /// Of a summary: what the rows come to, and of which column; without one they are counted.
  aggregate::function what = aggregate::function::count;
  std::optional<std::size_t> column{};
  /// How each of them is shown; null for its primary key.
  const serializer_descriptor& (*serializer)() = nullptr;
};

/// A link that a field shows instead of rows.
struct link_source {
  /// An argument of the link and where its value is: a column of the row, or of the one at the end
  /// of some foreign keys.
  struct argument {
    std::string_view name;
    std::size_t column = 0;
    std::span<const std::size_t> path{};
  };

  /// The model of the rows linked to.
  const model_descriptor* model = nullptr;
  bool is_to_many = false;
  /// Empty for the first stream over the model.
  std::string_view stream{};
  std::string_view action{};
  std::span<const argument> arguments{};
  /// The many-to-many relation, if it is one that can be written.
  const relation_descriptor* relation = nullptr;
};

/// Checks what was given for a field, and may change it: a value, or the keys of rows.
struct field_validator {
  /// @throws validation_error
  void (*check)(value& x, const serializer_context& context) = nullptr;
  void (*check_keys)(std::vector<value>& keys, const serializer_context& context) = nullptr;
  /// Whether it is asked about null.
  bool takes_null = false;
};

/// A field of a serializer: everything that writing and reading JSON need to know about it.
struct serializer_field {
  std::string_view name;
  field_source source = field_source::column;
  bool is_read_only = false;
  bool is_write_only = false;
  dcrf::requirement requirement = dcrf::requirement::as_model;

  /// The field of the model; for a path that of the last model.
  std::size_t column = 0;
  /// The foreign keys to follow, each a field of the model that the one before refers to.
  std::span<const std::size_t> path{};
  related_source related{};
  link_source link{};
  void (*compute)(json_writer& writer, const record& values,
                  const serializer_context& context) = nullptr;
  /// Whether that depends on more than the row.
  bool wants_context = false;
  std::span<const field_validator> validators{};
};

/// A serializer: its model, its fields and its hooks. There is one object for each serializer,
/// which lives as long as the program.
struct serializer_descriptor {
  /// The name of the struct.
  std::string_view name;
  const model_descriptor* model = nullptr;
  std::span<const serializer_field> fields;

  /// Checks the input as a whole; null if the serializer has no such function.
  /// @throws validation_error
  void (*validate)(validated_input& data, const serializer_context& context) = nullptr;
  /// Changes what is about to be written; null if the serializer has no such function.
  void (*prepare)(validated_input& data, const serializer_context& context) = nullptr;

  /// The link that stands for each row in a list; null if lists show whole rows.
  const serializer_field* listed = nullptr;

  const serializer_layout& (*layout)() = nullptr;

  /// Whether functions of the application check or change what it reads.
  [[nodiscard]] bool has_hooks() const noexcept;

  /// What a row must be loaded with, so that the serializer can show it.
  /// @throws std::logic_error if serializers nest each other without end.
  [[nodiscard]] const fetch_plan& plan() const;
};

/// How a serializer writes rows, derived from its descriptor once.
struct serializer_layout {
  struct item {
    /// The member's name as JSON, with what comes before it: `{"id":` or `,"text":`.
    std::string key;
    const serializer_field* field;
    /// Where the rows it needs are among the related ones, step by step.
    std::vector<std::size_t> fetches{};
    /// The same for each argument of a link.
    std::vector<std::vector<std::size_t>> argument_fetches{};
  };

  /// The fields that are shown.
  std::vector<item> items;
  /// What stands for a row in a list, if it is not all of these.
  std::optional<item> listed;
  fetch_plan plan;
  /// Whether a row looks the same to everybody.
  bool is_same_for_all = true;

  explicit serializer_layout(const serializer_descriptor& serializer);
};

} // namespace dcrf
