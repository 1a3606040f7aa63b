#include "dcrf/store/internal/process_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace dcrf {

namespace {

// Several names of a file mean one lock.
std::string lock_path(std::string_view url) {
  constexpr std::string_view scheme = "sqlite://";
  if (!url.starts_with(scheme) || url == "sqlite://:memory:") {
    return {};
  }
  auto file = url.substr(scheme.size());
  std::error_code error;
  auto real = std::filesystem::weakly_canonical(file, error);
  return (error ? std::string{file} : real.string()) + "-lock";
}

std::string holder(int file) {
  std::array<char, 32> text{};
  auto size = ::pread(file, text.data(), text.size(), 0);
  std::string_view pid{text.data(), static_cast<std::size_t>(size < 0 ? 0 : size)};
  auto digits = pid.substr(0, pid.find_first_not_of("0123456789"));
  return digits.empty() ? std::string{"another process"} : fmt::format("the process {}", digits);
}

bool is_same_file(int file, const std::string& path) noexcept {
  struct stat opened{};
  struct stat named{};
  return ::fstat(file, &opened) == 0 && ::stat(path.c_str(), &named) == 0
         && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

} // namespace

process_lock::process_lock(const database_options& options) : path_(lock_path(options.url)) {
  if (path_.empty()) {
    return;
  }
  while (!try_lock()) {
  }
  if (file_ < 0) {
    return;
  }
  auto pid = std::to_string(::getpid());
  // Whoever can't read it knows less, but is refused all the same.
  static_cast<void>(::ftruncate(file_, 0) == 0 && ::pwrite(file_, pid.data(), pid.size(), 0) >= 0);
}

// Whoever has the lock removes the file at its end, so the one that was opened may be gone when it
// is locked.
bool process_lock::try_lock() {
  constexpr unsigned for_the_owner = 0600;
  file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, for_the_owner);
  if (file_ < 0 && errno == ENOENT) {
    return true; // without its folder there is no database either, which says so better
  }
  if (file_ < 0) {
    throw store_failure(store_errc::unavailable,
                        fmt::format("the file {} can't be opened: {}", path_,
                                    std::system_category().message(errno)));
  }
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    auto text = fmt::format("the database is in use by {}, which holds {}", holder(file_), path_);
    ::close(file_);
    throw store_failure(store_errc::unavailable, text);
  }
  if (is_same_file(file_, path_)) {
    return true;
  }
  ::close(file_);
  return false;
}

process_lock::~process_lock() {
  if (file_ >= 0) {
    ::unlink(path_.c_str());
    ::close(file_);
  }
}

} // namespace dcrf
