#include "dcrf/actors/net/internal/frame_bytes.hpp"

namespace dcrf::internal {

std::string_view message_head(frame_head& head, std::size_t size, bool is_text) noexcept {
  auto put = [&head, size](std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
      head[2 + i] = static_cast<char>((size >> (8 * (bytes - 1 - i))) & 0xff);
    }
    return std::string_view{head.data(), 2 + bytes};
  };
  head[0] = static_cast<char>(is_text ? 0x81 : 0x82);
  if (size < 126) {
    head[1] = static_cast<char>(size);
    return put(0);
  }
  if (size <= 0xffff) {
    head[1] = 126;
    return put(2);
  }
  head[1] = 127;
  return put(8);
}

std::string close_frame_of(std::uint16_t code) {
  return {'\x88', '\x02', static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
}

std::string_view cut_reason(std::string_view reason) noexcept {
  constexpr std::size_t room = 123;
  if (reason.size() <= room) {
    return reason;
  }
  auto end = room;
  while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xc0) == 0x80) {
    --end;
  }
  return reason.substr(0, end);
}

bool is_beyond_codes(std::uint16_t code) noexcept { return code >= 5000; }

} // namespace dcrf::internal
