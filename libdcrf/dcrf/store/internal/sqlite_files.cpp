#include "dcrf/store/internal/sqlite_files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>
#include <memory>
#include <utility>

namespace dcrf::internal {

namespace {

// SQLite puts the log beside the file that a symbolic link points to.
std::string resolved(const std::string& path) {
  std::unique_ptr<char, decltype(&std::free)> real{::realpath(path.c_str(), nullptr), &std::free};
  return real ? std::string{real.get()} : path;
}

} // namespace

sqlite_files::sqlite_files(std::string path)
    : path_(std::move(path)), log_path_(resolved(path_) + "-wal"), database_(identity_of(path_)) {}

void sqlite_files::note_log() { log_ = identity_of(log_path_); }

std::optional<sqlite_files::identity> sqlite_files::identity_of(const std::string& path) noexcept {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) {
    return std::nullopt;
  }
  return identity{found.st_dev, found.st_ino};
}

sqlite_files::state sqlite_files::look() const noexcept {
  if (path_.empty()) {
    return state::in_place;
  }
  if (identity_of(path_) != database_) {
    return state::replaced;
  }
  if (!log_) {
    return state::in_place;
  }
  auto log = identity_of(log_path_);
  if (!log) {
    return state::log_removed;
  }
  return log == log_ ? state::in_place : state::log_replaced;
}

std::string sqlite_files::describe(state x) const {
  if (x == state::in_place) {
    return fmt::format("the file {} is in its place again", path_);
  }
  return fmt::format("the file {} was removed or replaced while it was in use: nothing is read or "
                     "written any more, until it is back or the program is started anew",
                     x == state::replaced ? path_ : log_path_);
}

} // namespace dcrf::internal
