#pragma once

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace dcrf::internal {

/// What has come of a message that is not handed on at once. Room is made only as it comes: a
/// client may announce a long message and never send it.
class message_assembler {
public:
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  /// Room for the next bytes.
  /// @param hint how many may come
  [[nodiscard]] boost::asio::mutable_buffer prepare(std::size_t hint);
  /// The address of no room at all.
  [[nodiscard]] boost::asio::mutable_buffer nothing() noexcept { return {bytes_.data(), 0}; }

  /// So many bytes have come into the room that was prepared.
  void commit(std::size_t size) noexcept { size_ += size; }

  /// The message begins with these bytes.
  void begin(std::string_view bytes);

  /// Whether the message is complete, and waits to be handed on.
  [[nodiscard]] bool is_whole() const noexcept { return is_whole_; }
  void complete() noexcept { is_whole_ = true; }

  /// The message, and no memory is left.
  [[nodiscard]] std::string take();

  void clear() { static_cast<void>(take()); }

private:
  std::string bytes_;
  std::size_t size_ = 0;
  bool is_whole_ = false;
};

} // namespace dcrf::internal
