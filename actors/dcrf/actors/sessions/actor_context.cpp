#include "dcrf/actors/sessions/actor_context.hpp"

#include <spdlog/spdlog.h>

namespace dcrf::detail {

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
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    spdlog::error("{}: {}", where, e.what());
  } catch (...) {
    spdlog::error("{}: an unknown failure", where);
  }
}

} // namespace dcrf::detail
