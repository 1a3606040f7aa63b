#pragma once

#include <optional>
#include <string>
#include <string_view>

// The parts of multipart/form-data (RFC 7578).

namespace dcrf::internal {

/// A value with parameters, as headers have it: `form-data; name="a"; filename="b.txt"`.
class header_value {
public:
  explicit header_value(std::string_view text) : text_(text) {}

  /// In lower case, without parameters.
  [[nodiscard]] std::string name() const;

  /// A parameter, by its lower-case name, without its quotes.
  [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;

private:
  std::string_view text_;
};

struct form_part {
  std::string field;
  std::optional<std::string> filename{};
  std::string content_type{};
  std::string_view bytes{};
};

/// Takes one part after the other off a body.
class multipart_reader {
public:
  /// @throws parse_error if the body does not begin with a part
  multipart_reader(std::string_view boundary, std::string_view body);

  /// The next part; nothing after the last one.
  /// @throws parse_error if what follows is none, or the end is missing
  [[nodiscard]] std::optional<form_part> next();

private:
  // What ends a part.
  std::string delimiter_;
  std::string_view rest_;
  bool is_at_end_ = false;
};

/// A name of a file without folders, and without what no name has.
[[nodiscard]] std::string base_name(std::string_view name);

} // namespace dcrf::internal
