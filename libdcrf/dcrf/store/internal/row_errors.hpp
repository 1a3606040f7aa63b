#pragma once

#include "dcrf/store/command.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace dcrf::internal {

/// What is wrong with the input of a command, by field.
class row_errors {
public:
  row_errors() = default;
  /// Begins with errors found before.
  explicit row_errors(const field_errors& found) : fields_(found) {}

  void add(std::string_view field, std::string_view message) {
    fields_.add(field, std::string{message});
  }

  [[nodiscard]] bool empty() const noexcept { return fields_.empty(); }
  [[nodiscard]] bool has(std::string_view field) const noexcept { return fields_.has(field); }

  /// All of them as a failure of the command.
  [[nodiscard]] store_failure failure() const;

  /// @throws store_failure if there are any.
  void raise() const {
    if (!empty()) {
      throw failure();
    }
  }

private:
  field_errors fields_;
};

/// `user with this username already exists.`
[[nodiscard]] std::string taken_message(const model_descriptor& model,
                                        const field_descriptor& field);

/// `The fields row, number must make a unique set.`
[[nodiscard]] std::string taken_together_message(const model_descriptor& model,
                                                 std::span<const std::size_t> fields);

/// Where errors are that belong to no field.
inline constexpr std::string_view of_no_field = "non_field_errors";

/// `Invalid pk "7" - object does not exist.`
[[nodiscard]] std::string missing_message(const value& key);

inline constexpr std::string_view null_message = "This field may not be null.";
inline constexpr std::string_view nul_message = "Null characters are not allowed.";

} // namespace dcrf::internal
