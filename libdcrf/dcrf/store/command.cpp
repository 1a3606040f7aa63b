#include "dcrf/store/command.hpp"

namespace dcrf {

bool is_write(const command& x) noexcept {
  return !std::holds_alternative<list_command>(x.body)
         && !std::holds_alternative<retrieve_command>(x.body)
         && !std::holds_alternative<count_command>(x.body)
         && !std::holds_alternative<aggregate_command>(x.body);
}

bool locks_rows(const command& x) noexcept {
  if (const auto* list = std::get_if<list_command>(&x.body)) {
    return list->for_update;
  }
  const auto* retrieval = std::get_if<retrieve_command>(&x.body);
  return retrieval != nullptr && retrieval->for_update;
}

bool is_silent(const command& x) noexcept {
  return std::visit(
      [](const auto& body) {
        if constexpr (requires { body.events; }) {
          return body.events == bulk_events::off;
        } else {
          return false;
        }
      },
      x.body);
}

void store_result::check() const {
  if (error) {
    throw store_failure(*error);
  }
}

} // namespace dcrf
