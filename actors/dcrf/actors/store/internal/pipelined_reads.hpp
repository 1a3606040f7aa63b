#pragma once

#include "dcrf/actors/store/internal/read_pool.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"
#include "dcrf/store/internal/pipelined_reader.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace dcrf {

/// The reads of an I/O thread on PostgreSQL. Those of one query go, many at a time, over
/// connections of the thread's own, those of a turn in one packet; all others, and those that wait
/// behind one that takes long, to the pool. Used on that thread only.
class pipelined_reads final : public turn_listener,
                              public std::enable_shared_from_this<pipelined_reads> {
public:
  using completion = pipelined_reader::completion;

  /// @param pool outlives the thread's last turn
  /// @param connections how many of its own the thread has; without any, the pool does all
  pipelined_reads(io_thread& thread, read_pool& pool, database_options options, schema models,
                  std::size_t connections);
  ~pipelined_reads() override;

  /// Executes a list, retrieve or count; `done` is called on the thread, later or at once.
  void submit(command x, completion done);

  /// Ends the connections; what is under way is forgotten, and so is what comes later.
  void close();

  void turn_ended() override;

private:
  struct lane;

  void open(std::size_t number);
  void adopt(std::size_t number, std::shared_ptr<pipelined_reader> reader);
  void lose(lane& x);
  [[nodiscard]] lane* choose();
  void submit_to_pool(command x, completion done);
  void flush_at_end_of_turn();
  void await_answers(lane& x);
  void await_space(lane& x);
  void look_after(lane& x);
  void watch();

  io_thread& thread_;
  read_pool& pool_;
  const database_options options_;
  const schema models_;
  std::vector<std::unique_ptr<lane>> lanes_;
  bool is_flush_due_ = false;
  bool is_closed_ = false;
  timer_handle watch_;
};

} // namespace dcrf
