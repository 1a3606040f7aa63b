#include "dcrf/actors/net/internal/outbox.hpp"

#include <utility>

namespace dcrf::internal {

namespace {

// Copying this much costs about as much as a piece of its own: an allocation and an entry of the
// gathering write.
constexpr std::size_t long_piece = 4096;

// In bytes, for each thread: some thousand connections may have a short message to send in one
// turn.
constexpr std::size_t most_spare = 2 * 1024 * 1024;

} // namespace

struct outbox::spare_lists {
  // Empty if there is none.
  list take() {
    if (lists.empty()) {
      return {};
    }
    auto result = std::move(lists.back());
    lists.pop_back();
    bytes -= bytes_of(result);
    return result;
  }

  void give_back(list x) {
    if (x.empty() || x.front().shared || x.capacity() > 4 || bytes + bytes_of(x) > most_spare) {
      return;
    }
    x.resize(1);
    x.front().own.clear();
    if (x.front().own.capacity() > 2 * long_piece) {
      x.front().own = {}; // only short messages are likely to come again
    }
    bytes += bytes_of(x);
    lists.push_back(std::move(x));
  }

  static std::size_t bytes_of(const list& x) noexcept {
    return x.capacity() * sizeof(piece) + x.front().own.capacity();
  }

  std::vector<list> lists;
  std::size_t bytes = 0;
};

outbox::spare_lists& outbox::spare() {
  static thread_local spare_lists lists;
  return lists;
}

void outbox::append(std::string_view bytes) {
  if (bytes.empty()) {
    return;
  }
  if (pieces_.empty()) {
    pieces_ = spare().take();
  }
  auto fits =
      first_ < pieces_.size() && !pieces_.back().shared && pieces_.back().own.size() < long_piece;
  if (!fits) {
    pieces_.emplace_back();
  }
  pieces_.back().own.append(bytes);
  size_ += bytes.size();
}

void outbox::append(std::string&& bytes) {
  if (bytes.size() < long_piece) {
    append(std::string_view{bytes});
    return;
  }
  size_ += bytes.size();
  pieces_.push_back({std::move(bytes), nullptr});
}

void outbox::append(std::shared_ptr<const std::string> bytes) {
  if (bytes->size() < long_piece) {
    append(std::string_view{*bytes});
    return;
  }
  size_ += bytes->size();
  pieces_.push_back({{}, std::move(bytes)});
}

std::span<const boost::asio::const_buffer> outbox::gather(gathered& storage) const {
  std::size_t count = 0;
  for (auto i = first_; i < pieces_.size() && count < storage.size(); ++i) {
    auto bytes = pieces_[i].view();
    if (i == first_) {
      bytes.remove_prefix(offset_);
    }
    storage[count++] = boost::asio::const_buffer{bytes.data(), bytes.size()};
  }
  return {storage.data(), count};
}

void outbox::consume(std::size_t count) {
  size_ -= count;
  if (size_ == 0) {
    clear();
    return;
  }
  offset_ += count;
  while (offset_ >= pieces_[first_].view().size()) {
    offset_ -= pieces_[first_].view().size();
    pieces_[first_++] = {};
  }
  // Without this, a connection that is never quite drained would keep a growing list of nothing.
  if (first_ > pieces_.size() / 2) {
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void outbox::clear() noexcept {
  spare().give_back(std::move(pieces_));
  // An empty list in braces would keep the memory.
  pieces_ = list{};
  first_ = 0;
  offset_ = 0;
  size_ = 0;
}

} // namespace dcrf::internal
