#include "dcrf/serializer/input_value.hpp"

#include "dcrf/json/internal/python_text.hpp"

#include <cmath>
#include <type_traits>
#include <utility>

namespace dcrf {

input_value::input_value(json_view x) : type_(x.type()), json_(x), is_json_(true) {
  switch (type_) {
  case json_type::boolean:
    boolean_ = x.boolean();
    break;
  case json_type::int64:
    integer_ = x.int64();
    real_ = static_cast<double>(integer_);
    break;
  case json_type::uint64:
  case json_type::real:
    real_ = x.real();
    break;
  case json_type::text:
    text_ = x.text();
    break;
  case json_type::null:
  case json_type::array:
  case json_type::object:
    break;
  }
}

input_value::input_value(std::string_view text) : type_(json_type::text), text_(text) {}

input_value::input_value(const value& x) {
  std::visit(
      [this](const auto& y) {
        using type = std::remove_cvref_t<decltype(y)>;
        if constexpr (std::is_same_v<type, bool>) {
          type_ = json_type::boolean;
          boolean_ = y;
        } else if constexpr (std::is_same_v<type, std::int64_t>) {
          type_ = json_type::int64;
          integer_ = y;
          real_ = static_cast<double>(y);
        } else if constexpr (std::is_same_v<type, double>) {
          // JSON has no other numbers, and fields none either.
          type_ = std::isfinite(y) ? json_type::real : json_type::null;
          real_ = y;
        } else if constexpr (std::is_same_v<type, std::string>) {
          type_ = json_type::text;
          text_ = y;
        } else if constexpr (std::is_same_v<type, json_text>) {
          type_ = y.is_null() ? json_type::null : json_type::object;
          own_ = y.str();
        } else if constexpr (!std::is_same_v<type, std::monostate>) {
          take_text(to_string(value{y}));
        }
      },
      x);
}

void input_value::take_text(std::string x) {
  type_ = json_type::text;
  own_ = std::move(x);
  text_ = own_;
}

std::string input_value::to_text() const {
  if (is_json_) {
    return json_.to_text();
  }
  std::string result;
  json_writer writer{result};
  switch (type_) {
  case json_type::boolean:
    writer.boolean(boolean_);
    break;
  case json_type::int64:
  case json_type::uint64:
    writer.integer(integer_);
    break;
  case json_type::real:
    writer.real(real_);
    break;
  case json_type::text:
    writer.text(text_);
    break;
  case json_type::array:
  case json_type::object:
    return own_;
  case json_type::null:
    writer.null();
  }
  return result;
}

std::string input_value::python_text() const {
  if (type_ == json_type::text) {
    return std::string{text_};
  }
  return is_json_ ? dcrf::python_text(json_) : to_text();
}

} // namespace dcrf
