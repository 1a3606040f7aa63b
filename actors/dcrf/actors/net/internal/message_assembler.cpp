#include "dcrf/actors/net/internal/message_assembler.hpp"

#include <algorithm>
#include <utility>

namespace dcrf::internal {

namespace {

constexpr std::size_t largest_chunk = 16 * 1024;

} // namespace

boost::asio::mutable_buffer message_assembler::prepare(std::size_t hint) {
  auto size = std::min(hint, largest_chunk);
  if (bytes_.size() < size_ + size) {
    bytes_.resize(size_ + size);
  }
  return {bytes_.data() + size_, size};
}

void message_assembler::begin(std::string_view bytes) {
  bytes_.assign(bytes);
  size_ = bytes.size();
}

std::string message_assembler::take() {
  auto result = std::exchange(bytes_, {});
  result.resize(std::exchange(size_, 0));
  is_whole_ = false;
  return result;
}

} // namespace dcrf::internal
