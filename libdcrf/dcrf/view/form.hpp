#pragma once

#include "dcrf/json/json_text.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcrf {

/// A file that came in a form.
struct uploaded_file {
  /// The name of the form's field.
  std::string field;
  /// What the client calls the file, without folders. It is the client's word: nothing to name a
  /// file of the server by.
  std::string name;
  /// What the client says that it is; `application/octet-stream` if it says nothing.
  std::string content_type;
  /// A part of the request's body, and there as long as that.
  std::string_view bytes;
};

/// What a form sent: `multipart/form-data` or `application/x-www-form-urlencoded`.
class form {
public:
  /// So many fields and files may be in one form.
  static constexpr std::size_t most_parts = 1000;
  /// So much may be said about one of them, in bytes.
  static constexpr std::size_t most_header_bytes = 8 * 1024;

  using fields = std::vector<std::pair<std::string, std::string>>;

  /// @param body outlives the form
  /// @throws parse_error if the body is no such form, or has more parts than may be;
  ///         unsupported_media_type if the media type is another
  form(std::string_view media_type, std::string_view body);

  /// All fields that are no files, in their order.
  [[nodiscard]] const fields& texts() const noexcept { return texts_; }
  [[nodiscard]] const std::vector<uploaded_file>& files() const noexcept { return files_; }

  /// The value of a field; the last one of a name counts.
  [[nodiscard]] std::optional<std::string_view> text(std::string_view field) const noexcept;
  /// The last file of a field; null if there is none. Fields whose file was not chosen have none.
  [[nodiscard]] const uploaded_file* file(std::string_view field) const noexcept;

  /// The texts as JSON, an object by name; a name that comes several times has a list.
  [[nodiscard]] json_text data() const;

private:
  void read_multipart(std::string_view boundary, std::string_view body);

  fields texts_;
  std::vector<uploaded_file> files_;
};

} // namespace dcrf
