#pragma once

#include "dcrf/json/json.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace dcrf {

/// The type of a JSON value. Numbers keep how they were written: `1` is no `real`, `1.0` is.
enum class json_type : std::uint8_t {
  null,
  boolean,
  /// A number without fraction and exponent that fits std::int64_t.
  int64,
  /// A number without fraction and exponent beyond std::int64_t that fits std::uint64_t.
  uint64,
  real,
  text,
  array,
  object,
};

/// What Python calls a value of this type ("int", "dict"), as DRF's messages name it.
[[nodiscard]] std::string_view python_name(json_type type) noexcept;

/// Reads one value of a parsed JSON document, without copying it. It is valid as long as the
/// json_reader it came from reads nothing else.
class json_view {
public:
  [[nodiscard]] json_type type() const noexcept;
  [[nodiscard]] bool is_null() const noexcept { return type() == json_type::null; }
  [[nodiscard]] bool is_object() const noexcept { return type() == json_type::object; }

  /// @pre type() == json_type::boolean
  [[nodiscard]] bool boolean() const noexcept;
  /// @pre type() == json_type::int64
  [[nodiscard]] std::int64_t int64() const noexcept;
  /// @pre type() == json_type::uint64
  [[nodiscard]] std::uint64_t uint64() const noexcept;
  /// The value of any number.
  /// @pre type() is int64, uint64 or real
  [[nodiscard]] double real() const noexcept;
  /// The unescaped text, in UTF-8.
  /// @pre type() == json_type::text
  [[nodiscard]] std::string_view text() const noexcept;

  /// The number of elements or members; 0 for anything else.
  [[nodiscard]] std::size_t size() const noexcept;

  /// A member of an object; the last of repeated members counts. Empty for anything but an object.
  [[nodiscard]] std::optional<json_view> find(std::string_view name) const noexcept;

  /// Calls `function(std::string_view name, json_view value)` for each member of an object.
  template <class Function>
  void each_member(Function&& function) const {
    visit_members(&function, [](void* state, std::string_view name, json_view value) {
      (*static_cast<std::remove_reference_t<Function>*>(state))(name, value);
    });
  }

  /// Calls `function(json_view value)` for each element of an array.
  template <class Function>
  void each_element(Function&& function) const {
    visit_elements(&function, [](void* state, json_view value) {
      (*static_cast<std::remove_reference_t<Function>*>(state))(value);
    });
  }

  /// Appends the value as JSON text without white space.
  void append_to(std::string& out) const;
  [[nodiscard]] std::string to_text() const;
  [[nodiscard]] json to_json() const;

private:
  friend class json_reader;
  struct access;

  void visit_members(void* state, void (*visitor)(void*, std::string_view, json_view)) const;
  void visit_elements(void* state, void (*visitor)(void*, json_view)) const;

  // The parser's own handle, kept opaque so that its header stays out of this one.
  alignas(void*) std::array<std::byte, 16> element_;
};

} // namespace dcrf
