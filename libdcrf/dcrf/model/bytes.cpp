#include "dcrf/model/bytes.hpp"

namespace dcrf {

void byte_writer::number(std::uint64_t x) {
  for (; x >= 0x80; x >>= 7) {
    byte(static_cast<std::uint8_t>(x | 0x80));
  }
  byte(static_cast<std::uint8_t>(x));
}

void byte_writer::text(std::string_view x) {
  number(x.size());
  bytes_.insert(bytes_.end(), x.begin(), x.end());
}

std::span<const char> byte_reader::take(std::uint64_t size) {
  if (size > rest_.size()) {
    throw malformed_bytes("the bytes end too early");
  }
  auto result = rest_.first(size);
  rest_ = rest_.subspan(size);
  return result;
}

void byte_reader::byte(std::uint8_t& x) { x = static_cast<std::uint8_t>(take(1)[0]); }

void byte_reader::number(std::uint64_t& x) {
  x = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    std::uint8_t next = 0;
    byte(next);
    x |= std::uint64_t{next & 0x7Fu} << shift;
    if (next < 0x80) {
      return;
    }
  }
  throw malformed_bytes("a number does not end");
}

void byte_reader::text(std::string& x) {
  std::uint64_t size = 0;
  number(size);
  auto bytes = take(size);
  x.assign(bytes.begin(), bytes.end());
}

void byte_reader::finish() const {
  if (!rest_.empty()) {
    throw malformed_bytes("there are more bytes than expected");
  }
}

} // namespace dcrf
