#include "json_line.hpp"

#include <cstdio>

namespace load {

namespace {

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

} // namespace

void json_line::key(std::string_view name) {
  if (text_.size() > 1) {
    text_ += ',';
  }
  text_.append(1, '"').append(name).append("\":");
}

void json_line::number(std::string_view name, double value, int digits) {
  key(name);
  text_ += fixed(value, digits);
}

void json_line::integer(std::string_view name, std::int64_t value) {
  key(name);
  text_ += std::to_string(value);
}

void json_line::boolean(std::string_view name, bool value) {
  key(name);
  text_ += value ? "true" : "false";
}

void json_line::string(std::string_view name, std::string_view value) {
  key(name);
  text_ += '"';
  for (char each : value) {
    if (each == '"' || each == '\\') {
      text_ += '\\';
    }
    text_ += static_cast<unsigned char>(each) < 32 ? ' ' : each;
  }
  text_ += '"';
}

void json_line::percentiles(std::string_view name, const histogram& nanoseconds) {
  key(name);
  text_ += "{\"p50\":" + fixed(double(nanoseconds.percentile(.5)) / 1e3, 1)
           + ",\"p90\":" + fixed(double(nanoseconds.percentile(.9)) / 1e3, 1)
           + ",\"p99\":" + fixed(double(nanoseconds.percentile(.99)) / 1e3, 1)
           + ",\"p999\":" + fixed(double(nanoseconds.percentile(.999)) / 1e3, 1)
           + ",\"max\":" + fixed(double(nanoseconds.largest()) / 1e3, 1)
           + ",\"mean\":" + fixed(nanoseconds.mean() / 1e3, 1) + '}';
}

} // namespace load
