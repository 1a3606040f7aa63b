#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dcrf::internal {

// A server's frames (RFC 6455, section 5.2), where they are not made by Beast.

using frame_head = std::array<char, 10>;

/// The head of an unfragmented, uncompressed message.
/// @returns the part of `head` that is used
std::string_view message_head(frame_head& head, std::size_t size, bool is_text) noexcept;

/// A whole close frame.
std::string close_frame_of(std::uint16_t code);

/// The reason of a close frame, which has room for 123 bytes; half a character is not left of it.
std::string_view cut_reason(std::string_view reason) noexcept;

/// Whether nobody has defined a code that a peer closes with (RFC 6455, section 7.4.2). Beast takes
/// these for valid.
bool is_beyond_codes(std::uint16_t code) noexcept;

} // namespace dcrf::internal
