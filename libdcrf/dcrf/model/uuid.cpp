#include "dcrf/model/uuid.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace dcrf {

namespace {

constexpr std::size_t digit_count = 32;
constexpr std::size_t long_length = 36;

// Whether a hyphen stands before the byte of that index.
constexpr bool hyphen_before(std::size_t byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

} // namespace

uuid uuid::random() {
  uuid result;
  if (::getentropy(result.bytes.data(), result.bytes.size()) != 0) {
    throw std::system_error(errno, std::generic_category(), "no random numbers");
  }
  constexpr std::uint8_t version_4 = 0x40;
  constexpr std::uint8_t variant_1 = 0x80;
  result.bytes[6] = static_cast<std::uint8_t>((result.bytes[6] & 0x0fu) | version_4);
  result.bytes[8] = static_cast<std::uint8_t>((result.bytes[8] & 0x3fu) | variant_1);
  return result;
}

std::optional<uuid> uuid::parse(std::string_view text) {
  // What Python takes: hyphens anywhere, and what stands around it in some systems.
  if (text.starts_with("urn:uuid:")) {
    text.remove_prefix(9);
  }
  if (text.starts_with('{') && text.ends_with('}')) {
    text = text.substr(1, text.size() - 2);
  }
  uuid result;
  std::size_t digits = 0;
  for (char c : text) {
    if (c == '-') {
      continue;
    }
    auto digit = hex_digit(c);
    if (digit < 0 || digits == digit_count) {
      return std::nullopt;
    }
    auto& byte = result.bytes[digits++ / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | digit);
  }
  return digits == digit_count ? std::optional{result} : std::nullopt;
}

std::string uuid::to_string() const {
  std::string result;
  append_to(result);
  return result;
}

void uuid::append_to(std::string& out) const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, long_length> buffer;
  std::size_t position = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (hyphen_before(i)) {
      buffer[position++] = '-';
    }
    buffer[position++] = digits[bytes[i] >> 4];
    buffer[position++] = digits[bytes[i] & 15];
  }
  out.append(buffer.data(), buffer.size());
}

} // namespace dcrf
