#include "dcrf/actors/internal/outbox.hpp"

#include <utility>

namespace dcrf::internal {

namespace {

// Copying this much costs about as much as a piece of its own: an allocation and an entry of the
// gathering write.
constexpr std::size_t long_piece = 4096;

} // namespace

void outbox::append(std::string_view bytes) {
  if (bytes.empty())
    return;
  auto fits =
      first_ < pieces_.size() && !pieces_.back().shared && pieces_.back().own.size() < long_piece;
  if (!fits)
    pieces_.emplace_back();
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
    if (i == first_)
      bytes.remove_prefix(offset_);
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
  // An empty list in braces would keep the memory.
  pieces_ = std::vector<piece>{};
  first_ = 0;
  offset_ = 0;
  size_ = 0;
}

} // namespace dcrf::internal
