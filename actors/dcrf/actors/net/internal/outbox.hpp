#pragma once

#include <boost/asio/buffer.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf::internal {

/// The bytes that wait to be sent on one connection. Short pieces are put together; long ones are
/// kept as they are, so that they are not copied and may be shared. Holds no memory when empty: the
/// thread keeps some of it for whoever sends next.
class outbox {
public:
  void append(std::string_view bytes);
  void append(std::string&& bytes);
  void append(std::shared_ptr<const std::string> bytes);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  /// The first pieces, as many as one system call takes at most. Valid until the next change.
  using gathered = std::array<boost::asio::const_buffer, 64>;
  [[nodiscard]] std::span<const boost::asio::const_buffer> gather(gathered& storage) const;

  /// Drops the first `count` bytes. @pre `count <= size()`
  void consume(std::size_t count);

  void clear() noexcept;

private:
  struct piece {
    std::string own;
    std::shared_ptr<const std::string> shared;

    [[nodiscard]] std::string_view view() const noexcept { return shared ? *shared : own; }
  };

  using list = std::vector<piece>;

  // Lists of one empty piece each, with room for a short message.
  struct spare_lists;
  static spare_lists& spare();

  list pieces_;
  std::size_t first_ = 0;  // the piece that is sent next
  std::size_t offset_ = 0; // what of it has been sent
  std::size_t size_ = 0;
};

} // namespace dcrf::internal
