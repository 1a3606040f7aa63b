#pragma once

#include "dcrf/model/bytes.hpp"
#include "dcrf/model/value.hpp"

#include <bit>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace dcrf {

/// Takes values through bytes in one of both directions: `Bytes` is byte_writer or byte_reader.
/// Each function has a type's parts in their order, whether they are written or read. What is
/// written is taken by reference, and stays as it is. `Self`, which derives from this, adds types
/// of its own.
template <class Self, class Bytes>
class value_coder {
public:
  static constexpr bool is_reading = Bytes::is_reading;

  /// @param bytes outlive the coder
  explicit value_coder(Bytes& bytes) : bytes_(bytes) {}

  template <class... Parts>
  void all(Parts&... parts) {
    (self().code(parts), ...);
  }

  // -- plain values -------------------------------------------------------------------------------

  void code(std::uint8_t& x) { bytes_.byte(x); }
  void code(std::uint64_t& x) { bytes_.number(x); }
  void code(std::string& x) { bytes_.text(x); }

  void code(bool& x) {
    auto number = std::uint8_t{x};
    bytes_.byte(number);
    x = number != 0;
  }

  // Small negative numbers are short, too.
  void code(std::int64_t& x) {
    auto folded = (static_cast<std::uint64_t>(x) << 1) ^ static_cast<std::uint64_t>(x >> 63);
    bytes_.number(folded);
    x = static_cast<std::int64_t>(folded >> 1) ^ -static_cast<std::int64_t>(folded & 1);
  }

  void code(double& x) {
    auto bits = std::bit_cast<std::uint64_t>(x);
    bytes_.number(bits);
    x = std::bit_cast<double>(bits);
  }

  void code(json_text& x) {
    if constexpr (is_reading) {
      std::string text;
      bytes_.text(text);
      x = json_text::trusted(std::move(text));
    } else {
      bytes_.text(x.str());
    }
  }

  /// An enumeration, whose last enumerator is `last`.
  template <class Enum>
  void code_enum(Enum& x, Enum last) {
    auto number = static_cast<std::uint8_t>(x);
    bytes_.byte(number);
    if (number > static_cast<std::uint8_t>(last)) {
      throw malformed_bytes("an enumerator is unknown");
    }
    x = static_cast<Enum>(number);
  }

  // -- composed values ----------------------------------------------------------------------------

  template <class T>
  void code(std::vector<T>& xs) {
    auto size = static_cast<std::uint64_t>(xs.size());
    bytes_.number(size);
    if constexpr (is_reading) {
      // Each element takes a byte or more.
      if (size > bytes_.size()) {
        throw malformed_bytes("a list is longer than the bytes that are left");
      }
      xs.clear();
      for (std::uint64_t i = 0; i < size; ++i) {
        self().code(xs.emplace_back());
      }
    } else {
      for (auto& x : xs) {
        self().code(x);
      }
    }
  }

  template <class T>
  void code(std::optional<T>& x) {
    bool has_value = x.has_value();
    code(has_value);
    if constexpr (is_reading) {
      x = has_value ? std::optional<T>{T{}} : std::nullopt;
    }
    if (has_value) {
      self().code(*x);
    }
  }

  template <class First, class Second>
  void code(std::pair<First, Second>& x) {
    all(x.first, x.second);
  }

  template <class... Ts>
  void code_variant(std::variant<Ts...>& x) {
    auto index = static_cast<std::uint8_t>(x.index());
    bytes_.byte(index);
    if constexpr (is_reading) {
      static constexpr void (*makers[])(std::variant<Ts...>&) = {
          [](std::variant<Ts...>& y) { y.template emplace<Ts>(); }...};
      if (index >= sizeof...(Ts)) {
        throw malformed_bytes("an alternative is unknown");
      }
      makers[index](x);
    }
    std::visit([this](auto& alternative) { self().code(alternative); }, x);
  }

  void code(std::monostate&) {}
  void code(decimal& x) { all(x.unscaled, x.places); }
  void code(date& x) {
    auto days = static_cast<std::int64_t>(x.days.time_since_epoch().count());
    code(days);
    x.days = std::chrono::sys_days{std::chrono::days{days}};
  }
  void code(timestamp& x) {
    auto time = x.microseconds();
    code(time);
    x = timestamp::from_microseconds(time);
  }
  void code(uuid& x) {
    for (auto& byte : x.bytes) {
      code(byte);
    }
  }
  void code(value& x) { code_variant(x); }

private:
  [[nodiscard]] Self& self() noexcept { return static_cast<Self&>(*this); }

  Bytes& bytes_;
};

} // namespace dcrf
