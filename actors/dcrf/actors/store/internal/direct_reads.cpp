#include "dcrf/actors/store/internal/direct_reads.hpp"

#include "dcrf/actors/store/internal/store_thread.hpp"

namespace dcrf {

namespace {

// Others of the thread wait meanwhile. After a read that took too long there is none in its turn.
constexpr std::size_t most_reads_of_turn = 512;

} // namespace

direct_reads::direct_reads(io_thread& thread, const store_thread& store)
    : thread_(thread), store_(store), reader_(store.options(), store.models()) {}

std::optional<store_result> direct_reads::execute(const command& x) {
  if (reads_of_turn_ == 0) {
    thread_.when_turn_ends(shared_from_this());
  }
  if (reads_of_turn_ >= most_reads_of_turn) {
    return std::nullopt;
  }
  auto result = reader_.execute(x, store_.commits());
  reads_of_turn_ = result ? reads_of_turn_ + 1 : most_reads_of_turn;
  return result;
}

void direct_reads::turn_ended() {
  reads_of_turn_ = 0;
  reader_.close();
}

} // namespace dcrf
