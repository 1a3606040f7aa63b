#pragma once

#include "dcrf/json/json_writer.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <string>
#include <string_view>

namespace dcrf::internal {

/// Collects what is wrong with one field. Costs nothing while nothing is.
class field_errors {
public:
  void add(std::string_view text) { json_writer{texts_}.text(text); }

  void add(const validation_error& error) {
    auto errors = error.of_field().str();
    if (errors.starts_with('{')) {
      members_ = std::move(errors);
    } else if (errors.size() > 2) {
      json_writer{texts_}.raw(std::string_view{errors}.substr(1, errors.size() - 2));
    }
  }

  [[nodiscard]] bool empty() const noexcept { return texts_.empty() && members_.empty(); }

  /// Writes a list of texts, or an object if the field has members of its own.
  void write(json_writer& writer) const {
    if (members_.empty()) {
      writer.begin_array().raw(texts_).end_array();
    } else {
      writer.raw(members_);
    }
  }

  /// @pre not empty()
  [[nodiscard]] json_text list() const {
    std::string result;
    json_writer writer{result};
    write(writer);
    return json_text::trusted(std::move(result));
  }

private:
  // JSON strings with commas in between.
  std::string texts_;
  std::string members_;
};

} // namespace dcrf::internal
