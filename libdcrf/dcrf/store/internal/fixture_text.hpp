#pragma once

#include "dcrf/json/json_reader.hpp"
#include "dcrf/json/json_writer.hpp"
#include "dcrf/store/command.hpp"
#include "dcrf/store/schema.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf::internal {

/// One row of a fixture.
struct fixture_row {
  const model_descriptor* model = nullptr;
  record values{};
  /// For each many-to-many relation of the model, the keys of the rows related; nothing if they
  /// were not given.
  std::vector<std::optional<std::vector<value>>> related{};
  /// Where it stands, counted from 1.
  std::size_t line = 0;
};

/// @throws store_failure that names the line
[[noreturn]] void refuse_line(std::size_t line, const std::string& reason);

/// What a fixture calls a model: the name of its struct, or its table if two have that name.
[[nodiscard]] std::string fixture_name(const schema& models, const model_descriptor& model);

/// Writes a row as an object in one line.
void write_fixture(json_writer& writer, const std::string& name, const fixture_row& x);

/// An object as text, and where it begins.
struct fixture_object {
  std::string_view text;
  std::size_t line;
};

/// The objects of a text: of an array, or one after the other.
/// @throws store_failure
[[nodiscard]] std::vector<fixture_object> objects_of(std::string_view text);

/// Reads a row.
/// @throws store_failure
[[nodiscard]] fixture_row read_fixture(const schema& models, json_reader& reader,
                                       const fixture_object& from);

} // namespace dcrf::internal
