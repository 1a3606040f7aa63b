#include "dcrf/store/internal/text_case.hpp"

#include <unicase.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace dcrf::internal {

namespace {

bool is_ascii_byte(char c) noexcept { return static_cast<unsigned char>(c) < 0x80; }

char lower_byte(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

struct free_memory {
  void operator()(std::uint8_t* x) const noexcept { std::free(x); }
};

} // namespace

std::string folded(std::string_view text) {
  std::string result{text};
  // Most texts are ASCII, where the library would take ten times as long.
  if (std::ranges::all_of(text, is_ascii_byte)) {
    std::ranges::transform(result, result.begin(), lower_byte);
    return result;
  }
  std::size_t size = 0;
  const std::unique_ptr<std::uint8_t, free_memory> found{
      ::u8_casefold(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), nullptr,
                    nullptr, nullptr, &size)};
  if (found == nullptr && errno == ENOMEM) {
    throw std::bad_alloc();
  }
  return found == nullptr ? result : std::string{reinterpret_cast<const char*>(found.get()), size};
}

} // namespace dcrf::internal
