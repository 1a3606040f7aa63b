#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace dcrf {

/// Threads for what must not be done on an I/O thread: work that blocks or computes for long. What
/// waits for a free thread is bounded; while much waits, the newest is done first, since those who
/// asked long ago have often given up.
class worker_pool {
public:
  struct limits {
    /// Password hashing is what the workers do most; it is bound by the cores.
    std::size_t threads = 2;
    /// What may wait for a thread. Beyond it, the work that has waited longest is dropped.
    std::size_t waiting = 128;
    /// What may wait for one owner: no client fills the pool alone.
    std::size_t waiting_per_owner = 4;
    /// Up to this number, what waits is done in the order in which it came.
    std::size_t in_order = 8;
  };

  /// Work for one session or HTTP request.
  struct job {
    /// Whom the work is for.
    std::uint64_t owner = 0;
    /// Tells the works of one owner apart.
    std::uint64_t number = 0;
    /// Called on some thread of the pool.
    std::function<void()> run;
    /// Called instead of `run` when the work is dropped, on any thread.
    std::function<void()> dropped;
  };

  explicit worker_pool(limits x);
  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;
  /// As `join`.
  ~worker_pool();

  /// Runs the work when a thread is free. From any thread.
  /// @returns whether the work is taken: not if its owner has too much waiting, or after `join`
  [[nodiscard]] bool post(job x);

  /// Takes back work that has not begun. Neither of its functions is called. From any thread.
  /// @returns whether it was still waiting
  bool withdraw(std::uint64_t owner, std::uint64_t number);

  /// Takes back all work of an owner that has not begun. From any thread.
  void withdraw(std::uint64_t owner);

  /// Drops what waits, waits for the work that has begun, and ends the threads.
  void join();

private:
  struct pool;
  std::unique_ptr<pool> pool_;
};

} // namespace dcrf
