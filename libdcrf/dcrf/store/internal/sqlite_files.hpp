#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace dcrf::internal {

/// The files of a SQLite database, as they were when it was opened: a process goes on to read and
/// write files that somebody else has removed, and nobody finds that again.
class sqlite_files {
public:
  /// The database is in memory.
  sqlite_files() = default;

  /// @param path of the database, which was opened just now
  explicit sqlite_files(std::string path);

  /// Notes the log, which is there once the database was read.
  void note_log();

  enum class state : std::uint8_t {
    in_place,
    /// The log was removed; the database is whole again when its content was written back.
    log_removed,
    /// At the place of the log is one of somebody else.
    log_replaced,
    /// The path names another database, or none.
    replaced,
  };

  [[nodiscard]] state look() const noexcept;

  /// What it means, in a sentence.
  [[nodiscard]] std::string describe(state x) const;

private:
  struct identity {
    std::uint64_t device;
    std::uint64_t inode;

    friend bool operator==(const identity&, const identity&) = default;
  };

  static std::optional<identity> identity_of(const std::string& path) noexcept;

  std::string path_;
  std::string log_path_;
  std::optional<identity> database_;
  std::optional<identity> log_;
};

} // namespace dcrf::internal
