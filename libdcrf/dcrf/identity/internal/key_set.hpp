#pragma once

#include "dcrf/json/json.hpp"

#include <cjose/jwk.h>

#include <chrono>
#include <cstdint>
#include <ctime>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf::internal {

struct jwk_release {
  void operator()(cjose_jwk_t* x) const noexcept { cjose_jwk_release(x); }
};

/// A member of an object; empty if it is no text.
std::string text_of(const json& object, const char* name);

/// The public keys and secrets that tokens are signed with.
class key_set {
public:
  struct entry {
    std::string id;
    /// Of `HS256`, `RS256` and `ES256` the one that fits the key.
    std::string_view algorithm;
    std::unique_ptr<cjose_jwk_t, jwk_release> key;
  };

  /// Reads a JWK set. Keys for other purposes and of unknown types are left out (RFC 7517,
  /// section 5).
  /// @throws std::runtime_error
  static key_set parse(const std::string& text);

  /// The keys that may have signed a token.
  /// @param id empty if the token names none
  [[nodiscard]] std::vector<const entry*> find(std::string_view id,
                                               std::string_view algorithm) const;

  [[nodiscard]] bool has(std::string_view id) const noexcept;

private:
  std::vector<entry> entries_;
};

/// The keys of a file, read again when that has changed. Safe to use from any thread.
class key_file {
public:
  using clock = std::chrono::steady_clock;

  /// @throws std::runtime_error if it can't be read
  explicit key_file(std::string path);

  /// The keys of now: the file is looked at once a second at most.
  /// @param id that of the key that is looked for: if it is not known, the file is read even if it
  ///           does not look changed, once in five seconds at most
  [[nodiscard]] std::shared_ptr<const key_set> keys(std::string_view id, clock::time_point now);

  /// Why it could not be read the last time; null if it could, or if this was told before.
  [[nodiscard]] std::exception_ptr take_failure();

private:
  // What changes when a file is written or replaced.
  struct mark {
    std::uint64_t inode = 0;
    std::int64_t size = -1;
    std::timespec written{};

    [[nodiscard]] bool is_of(const mark& x) const noexcept {
      return inode == x.inode && size == x.size && written.tv_sec == x.written.tv_sec
             && written.tv_nsec == x.written.tv_nsec;
    }
  };

  [[nodiscard]] mark look() const;
  void read();
  void try_to_read(clock::time_point now);

  std::string path_;
  std::mutex mutex_;
  std::shared_ptr<const key_set> keys_;
  mark mark_;
  clock::time_point looked_{};
  clock::time_point read_{};
  std::exception_ptr failure_;
};

} // namespace dcrf::internal
