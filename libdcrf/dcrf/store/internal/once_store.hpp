#pragma once

#include "dcrf/store/internal/connection.hpp"
#include "dcrf/store/once.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace dcrf::internal {

/// What is done once, in a table `dcrf_once` of the database itself: written in the transaction
/// that it is about, so that it is there if, and only if, that was committed. Two transactions of
/// the same name wait for each other by the table's key, on whichever nodes they are.
class once_store {
public:
  /// @param sql outlives it
  once_store(connection& sql, const once_retention& bounds) : sql_(&sql), bounds_(bounds) {}

  /// Makes the table if it is not there.
  /// @pre a transaction is open for writing
  /// @throws sql_error
  static void create(connection& sql);

  /// Claims a name for the open transaction.
  /// @returns what was kept of the transaction that has it; null if it is this one from now on
  /// @throws store_failure (exhausted) if as much is kept as may be; sql_error
  once_result_ptr claim(const once_claim& x);

  /// Keeps what the open transaction, which has claimed a name, is answered with.
  /// @throws sql_error
  void keep(const once_claim& x, const std::string& reply);

  /// Forgets some of what is old enough, in a transaction of its own.
  /// @pre no transaction is open
  /// @returns whether there is more to forget
  /// @throws sql_error
  bool prune();

private:
  // What counts up from entry to entry.
  struct counted {
    std::int64_t number = 0;
    std::int64_t bytes = 0;
  };
  // The oldest and the newest of some entries; zeros if there are none.
  struct span_of_entries {
    counted first{};
    counted last{};

    [[nodiscard]] bool has(std::uint64_t entries, std::uint64_t bytes) const;
  };

  once_result_ptr find(const once_claim& x);
  span_of_entries all();
  span_of_entries of_owner(const std::string& owner);
  counted read_counted(std::string_view query, const std::string* owner);
  void check_room(const once_claim& x, const span_of_entries& all, const span_of_entries& owned);
  bool forget_some();

  connection* sql_;
  once_retention bounds_;
  // Before which nothing is old enough to be forgotten, in microseconds.
  std::int64_t next_look_ = 0;
};

} // namespace dcrf::internal
