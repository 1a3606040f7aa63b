#include "dcrf/model/value.hpp"

#include <type_traits>

namespace dcrf {

namespace {

// Values whose text has nothing to escape.
template <class T>
void write_quoted(json_writer& writer, const T& x) {
  auto& out = writer.next();
  out += '"';
  x.append_to(out);
  out += '"';
}

} // namespace

void write_json(json_writer& writer, const value& x) {
  std::visit(
      [&](const auto& y) {
        using type = std::remove_cvref_t<decltype(y)>;
        if constexpr (std::is_same_v<type, std::monostate>) {
          writer.null();
        } else if constexpr (std::is_same_v<type, bool>) {
          writer.boolean(y);
        } else if constexpr (std::is_same_v<type, std::int64_t>) {
          writer.integer(y);
        } else if constexpr (std::is_same_v<type, double>) {
          writer.real(y);
        } else if constexpr (std::is_same_v<type, std::string>) {
          writer.text(y);
        } else if constexpr (std::is_same_v<type, json_text>) {
          writer.raw(y);
        } else {
          write_quoted(writer, y);
        }
      },
      x);
}

std::string to_string(const value& x) {
  if (const auto* text = std::get_if<std::string>(&x)) {
    return *text;
  }
  std::string result;
  json_writer writer{result};
  write_json(writer, x);
  bool is_quoted = !std::holds_alternative<json_text>(x) && result.starts_with('"');
  return is_quoted ? result.substr(1, result.size() - 2) : result;
}

} // namespace dcrf
