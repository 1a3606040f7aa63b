#include "dcrf/actors/sessions/internal/actor_context.hpp"

#include "dcrf/actors/internal/log_limit.hpp"

#include <spdlog/spdlog.h>

#include <string>

namespace dcrf::detail {

namespace {

// What fails for one client in a loop, or for all of them while the disk is full, must not fill the
// disk that the log is on.
constexpr std::size_t failures_per_second = 20;

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an unknown failure";
  }
}

} // namespace

const model_descriptor* model_of_command(const command& x) noexcept {
  return std::visit(
      [](const auto& body) -> const model_descriptor* {
        if constexpr (requires { body.model; }) {
          return body.model;
        } else if constexpr (requires { body.where; }) {
          return body.where.model;
        } else if constexpr (requires { body.rows.model; }) {
          return body.rows.model;
        } else if constexpr (requires { body.relation; }) {
          return &body.relation->source();
        } else {
          return nullptr;
        }
      },
      x.body);
}

void log_failure(std::string_view where, const std::exception_ptr& error) {
  static log_limit limit{failures_per_second, std::chrono::seconds{1}};
  auto left_out = limit.pass();
  if (!left_out) {
    return;
  }
  if (*left_out > 0) {
    spdlog::error("{} more failures were not logged", *left_out);
  }
  spdlog::error("{}: {}", where, text_of(error));
}

} // namespace dcrf::detail
