#include "dcrf/store/internal/postgresql_text.hpp"

#include <fmt/format.h>

#include <type_traits>

namespace dcrf::internal::postgresql {

std::string text_of(const value& x) {
  return std::visit(
      []<class T>(const T& from) -> std::string {
        if constexpr (std::is_same_v<T, std::monostate>) {
          return {};
        } else if constexpr (std::is_same_v<T, bool>) {
          return from ? "t" : "f";
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
          return std::to_string(from);
        } else if constexpr (std::is_same_v<T, double>) {
          // The shortest text that is read back as the same number.
          return fmt::format("{}", from);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return from;
        } else if constexpr (std::is_same_v<T, json_text>) {
          return from.str();
        } else {
          return from.to_string();
        }
      },
      x);
}

std::optional<std::int64_t> microseconds_of(std::string_view text) {
  constexpr std::string_view utc = "+00";
  if (!text.ends_with(utc)) {
    return std::nullopt;
  }
  auto time = timestamp::parse(text.substr(0, text.size() - utc.size()));
  return time ? std::optional{time->microseconds()} : std::nullopt;
}

std::optional<std::int64_t> unscaled_of(std::string_view text, std::uint8_t places) {
  auto number = decimal::parse(text);
  auto scaled = number ? number->rescaled(places) : std::nullopt;
  return scaled ? std::optional{scaled->unscaled} : std::nullopt;
}

} // namespace dcrf::internal::postgresql
