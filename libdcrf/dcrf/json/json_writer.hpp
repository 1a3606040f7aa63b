#pragma once

#include "dcrf/json/json_text.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace dcrf {

/// Appends JSON text to a string, one value after the other; commas are set by itself. What is
/// written in the wrong order (a value without a key in an object) is not noticed.
class json_writer {
public:
  explicit json_writer(std::string& out) : out_(out) {}

  json_writer& begin_object();
  json_writer& end_object();
  json_writer& begin_array();
  json_writer& end_array();

  /// The name of the member whose value comes next.
  json_writer& key(std::string_view name);

  json_writer& null();
  json_writer& boolean(bool x);
  json_writer& integer(std::int64_t x);
  json_writer& integer(std::uint64_t x);
  /// See append_json_real.
  json_writer& real(double x);
  /// `x` is UTF-8; what is no UTF-8 is replaced by U+FFFD.
  json_writer& text(std::string_view x);
  /// JSON text as it is.
  json_writer& raw(std::string_view x);
  json_writer& raw(const json_text& x) { return raw(x.str()); }

  /// The string written to, with the comma that is due: append exactly one value.
  std::string& next() {
    separate();
    return out_;
  }

private:
  void separate();

  std::string& out_;
};

/// Appends `x` as a JSON string, quotes included; see json_writer::text.
void append_json_string(std::string& out, std::string_view x);

/// Appends the shortest text that reads back as `x`, with a fraction or an exponent, in the
/// notation of Python's `repr`. JSON has no infinity and no NaN: these become null.
void append_json_real(std::string& out, double x);

} // namespace dcrf
