#pragma once

#include "dcrf/actors/threads/internal/io_thread.hpp"
#include "dcrf/store/internal/snapshot_reader.hpp"

#include <cstddef>
#include <memory>
#include <optional>

namespace dcrf {

class store_thread;

/// The reads that an I/O thread does by itself: the way to the store thread and back costs more
/// than most of them. The reads of a turn share one transaction. Used on that thread only.
class direct_reads final : public turn_listener, public std::enable_shared_from_this<direct_reads> {
public:
  /// @param store tells what is committed; outlives this object
  /// @throws store_failure if the database can't be opened
  direct_reads(io_thread& thread, const store_thread& store);

  /// Executes a list, retrieve or count.
  /// @returns nothing if the store thread has to do it, because it takes long, or because the
  ///          thread has done enough of this in its turn
  std::optional<store_result> execute(const command& x);

  void turn_ended() override;

private:
  io_thread& thread_;
  const store_thread& store_;
  snapshot_reader reader_;
  std::size_t reads_of_turn_ = 0;
};

} // namespace dcrf
