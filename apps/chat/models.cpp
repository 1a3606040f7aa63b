#include "chat/models.hpp"

#include <fmt/chrono.h>

namespace chat {

std::string format_created_at(const message& x) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(x.created_at.time);
  return fmt::format("{:%d-%m-%Y %H:%M:%S}", seconds);
}

} // namespace chat
