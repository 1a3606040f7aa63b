#pragma once

#include "dcrf/json/json_text.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf {

class json_view;
class json_writer;

/// What is wrong with a value of the input: a list of texts, as DRF has it, or, if the value has
/// fields of its own, what is wrong with each of them. Of a list of values it is a list, with
/// nothing for those that are right.
class field_errors {
public:
  /// Nothing is wrong.
  field_errors() noexcept;
  field_errors(const field_errors&);
  field_errors(field_errors&&) noexcept;
  field_errors& operator=(const field_errors&);
  field_errors& operator=(field_errors&&) noexcept;
  ~field_errors();

  explicit field_errors(const std::vector<std::string>& texts);

  /// What an application says is wrong: an object by field, a list, or a text.
  explicit field_errors(const json_text& errors);

  /// What is wrong with the values of a list, one for each.
  static field_errors of_elements(std::vector<field_errors> elements);

  [[nodiscard]] bool empty() const noexcept;
  [[nodiscard]] bool has_fields() const noexcept;
  [[nodiscard]] bool has(std::string_view field) const noexcept;

  /// Adds a text to the list. Where something is wrong with fields of the value, they alone are
  /// told.
  void add(std::string text);

  /// Adds a text to the list of a field.
  void add(std::string_view field, std::string text);

  /// Adds what is wrong with a field that nothing was found wrong with before. Nothing is added if
  /// nothing is.
  void set(std::string_view field, field_errors errors);

  /// Adds what is found wrong with the same value besides. Where something is wrong with fields of
  /// the value, they alone are told.
  void merge(const field_errors& other);

  /// As a list: an object by field is its only element.
  [[nodiscard]] field_errors as_list() const;

  /// The object by field that is all that a list has, or is this itself. Anything else becomes the
  /// field `non_field_errors`; errors of a field that are neither list nor object become lists.
  [[nodiscard]] field_errors by_field() const;

  /// The same, but anything else stays the list that it is.
  [[nodiscard]] field_errors of_field() const;

  /// Writes a list, or an object by field, which is empty if nothing is wrong.
  void write(json_writer& writer) const;
  [[nodiscard]] json_text to_json_text() const;

  friend bool operator==(const field_errors&, const field_errors&);

private:
  struct entry;

  enum class kind : std::uint8_t {
    fields,
    list,
    text,
    /// What an application gave that is nothing of the others.
    json,
  };

  explicit field_errors(kind x);

  static field_errors leaf(kind x, std::string text);
  static field_errors of(json_view x);
  [[nodiscard]] const field_errors* only_fields() const noexcept;

  kind kind_ = kind::fields;
  // fields: by name. list: without names. text, json: one, whose name is the text.
  std::vector<entry> entries_;
};

struct field_errors::entry {
  std::string name;
  field_errors errors;
};

inline field_errors::field_errors() noexcept = default;
inline field_errors::field_errors(const field_errors&) = default;
inline field_errors::field_errors(field_errors&&) noexcept = default;
inline field_errors& field_errors::operator=(const field_errors&) = default;
inline field_errors& field_errors::operator=(field_errors&&) noexcept = default;
inline field_errors::~field_errors() = default;

inline bool field_errors::empty() const noexcept {
  return kind_ == kind::fields && entries_.empty();
}

inline bool field_errors::has_fields() const noexcept {
  return kind_ == kind::fields && !entries_.empty();
}

} // namespace dcrf
