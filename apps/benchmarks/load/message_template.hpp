#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace load {

/// What a template's fields stand for in one message.
struct template_values {
  std::uint64_t id = 0;
  std::uint64_t sequence = 0;
  std::uint64_t connection = 0;
  std::uint64_t group = 1;
  std::uint64_t time = 0;
  std::int64_t key = 0;
};

/// A message with fields such as `{id}`, taken apart once and written many times.
class message_template {
public:
  explicit message_template(std::string_view text);

  void append_to(std::string& out, const template_values& values) const;

private:
  enum class part_kind { literal, id, key, sequence, connection, group, mark, padding };

  struct part {
    part_kind kind;
    std::string text;
  };

  std::vector<part> parts_;
};

/// A mark in a message, `~number.time~`: which event it is and when it was sent.
struct event_mark {
  static constexpr std::size_t length = 34;
  bool found = false;
  std::uint64_t sequence = 0;
  std::uint64_t time = 0;
};

event_mark find_mark(std::string_view message);

} // namespace load
