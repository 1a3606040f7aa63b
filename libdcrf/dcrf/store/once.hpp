#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace dcrf {

/// How much is kept of the transactions that are done once. Nothing is forgotten before its time:
/// what would be more than the rest allows is refused instead. One owner may have a sixteenth of
/// the entries, and all that is nobody's a half.
struct once_retention {
  std::chrono::milliseconds time = std::chrono::hours{24};
  std::uint64_t entries = 1'000'000;
  /// With what an entry costs besides its reply.
  std::uint64_t bytes = std::uint64_t{256} * 1024 * 1024;

  friend bool operator==(const once_retention&, const once_retention&) = default;
};

/// That a transaction is done once, however often it is begun: it keeps, with what it writes, that
/// it is done.
struct once_claim {
  /// Whose it is; empty if it is nobody's.
  std::string owner{};
  /// What it is called among the owner's.
  std::string name{};
  /// What it does: one of the same name that does something else is another one.
  std::string content{};

  friend bool operator==(const once_claim&, const once_claim&) = default;
};

/// What was kept of a transaction that is done.
struct once_result {
  std::string content{};
  /// What was answered.
  std::string reply{};

  friend bool operator==(const once_result&, const once_result&) = default;
};

using once_result_ptr = std::shared_ptr<const once_result>;

} // namespace dcrf
