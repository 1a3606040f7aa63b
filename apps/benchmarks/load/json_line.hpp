#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "histogram.hpp"

namespace load {

/// An object of JSON on one line, built member by member.
class json_line {
public:
  void number(std::string_view name, double value, int digits = 3);
  void integer(std::string_view name, std::int64_t value);
  void boolean(std::string_view name, bool value);
  void string(std::string_view name, std::string_view value);
  /// The percentiles, in microseconds, of what was counted in nanoseconds.
  void percentiles(std::string_view name, const histogram& nanoseconds);

  [[nodiscard]] std::string text() const { return text_ + '}'; }

private:
  void key(std::string_view name);

  std::string text_ = "{";
};

} // namespace load
