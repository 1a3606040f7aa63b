#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf {

/// Bytes that are not what they should be: of another node, or of a file.
class malformed_bytes : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Writes what goes to another node, or into a column. It and byte_reader have the same functions,
/// so that one function can say what a type looks like in both directions.
class byte_writer {
public:
  static constexpr bool is_reading = false;

  void byte(std::uint8_t x) { bytes_.push_back(static_cast<char>(x)); }
  /// In as few bytes as the number needs, seven bits in each.
  void number(std::uint64_t x);
  void text(std::string_view x);

  [[nodiscard]] std::vector<char> take() && { return std::move(bytes_); }

private:
  std::vector<char> bytes_;
};

/// Reads what a byte_writer has written.
/// Every function throws malformed_bytes where the bytes end too early.
class byte_reader {
public:
  static constexpr bool is_reading = true;

  /// @param bytes outlive the reader
  explicit byte_reader(std::span<const char> bytes) : rest_(bytes) {}

  void byte(std::uint8_t& x);
  void number(std::uint64_t& x);
  void text(std::string& x);

  [[nodiscard]] std::size_t size() const noexcept { return rest_.size(); }

  /// @throws malformed_bytes if something is left
  void finish() const;

private:
  std::span<const char> take(std::uint64_t size);

  std::span<const char> rest_;
};

} // namespace dcrf
