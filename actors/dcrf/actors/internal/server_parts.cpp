#include "dcrf/actors/internal/server_parts.hpp"

#include <caf/sec.hpp>
#include <fmt/format.h>

#include <exception>
#include <system_error>
#include <utility>

namespace dcrf::internal {

namespace {

// Descriptors or threads are short, say.
std::string text_of_start(const std::exception& failure) {
  auto text = fmt::format("starting: {}", failure.what());
  const auto* system = dynamic_cast<const std::system_error*>(&failure);
  auto is_short = system != nullptr
                  && (system->code() == std::errc::too_many_files_open
                      || system->code() == std::errc::too_many_files_open_in_system);
  return is_short
             ? text + "; raise the limit of open files (ulimit -n), or start fewer --io-threads"
             : text;
}

caf::error attempt(const std::function<caf::error()>& start) {
  try {
    return start ? start() : caf::none;
  } catch (const std::exception& failure) {
    return start_error(text_of_start(failure));
  } catch (...) {
    return start_error("starting: an unknown failure");
  }
}

} // namespace

caf::error start_error(std::string text) {
  return caf::make_error(caf::sec::runtime_error, std::move(text));
}

void server_parts::add_sure(std::function<void()> start, std::function<void()> stop) {
  add(
      [start = std::move(start)] {
        start();
        return caf::error{};
      },
      std::move(stop));
}

caf::error server_parts::start() {
  for (const auto& x : parts_) {
    ++started_;
    if (auto error = attempt(x.start)) {
      return error;
    }
  }
  return caf::none;
}

void server_parts::stop() {
  while (started_ > 0) {
    if (const auto& stop_part = parts_[--started_].stop) {
      stop_part();
    }
  }
}

} // namespace dcrf::internal
