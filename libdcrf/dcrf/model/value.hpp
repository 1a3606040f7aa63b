#pragma once

#include "dcrf/json/json_text.hpp"
#include "dcrf/json/json_writer.hpp"
#include "dcrf/model/decimal.hpp"
#include "dcrf/model/timestamp.hpp"
#include "dcrf/model/uuid.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace dcrf {

/// The value of one field of one row. The index of an alternative is its storage type: integers of
/// either size are std::int64_t, choices and text are std::string; std::monostate
/// is the null of SQL and JSON.
using value = std::variant<std::monostate, bool, std::int64_t, double, std::string, decimal, date,
                           timestamp, uuid, json_text>;

[[nodiscard]] inline bool is_null(const value& x) noexcept { return x.index() == 0; }

/// The values of one row, in the order of its model's fields.
using record = std::vector<value>;

/// Writes a value as the serializers show it: decimals, dates, times and UUIDs as text.
void write_json(json_writer& writer, const value& x);

/// A value as text, for messages and group names: text without quotes, anything else as in JSON.
[[nodiscard]] std::string to_string(const value& x);

} // namespace dcrf
