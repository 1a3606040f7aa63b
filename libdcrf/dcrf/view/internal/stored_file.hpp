#pragma once

#include "dcrf/view/http.hpp"

#include <string>
#include <string_view>

namespace dcrf::internal {

/// A file as it is answered: its bytes, and what HTTP says of them.
class stored_file {
public:
  /// Compresses the body, if that makes it smaller.
  stored_file(std::string_view media_type, std::string body);

  /// The answer to a GET or HEAD: 200, 206 for a range, 304 to who has it already, or 416.
  /// @param headers go with it
  [[nodiscard]] http_response answer(const scope& request, const scope::pairs& headers) const;

private:
  // One form of the body.
  struct representation {
    std::string body;
    std::string etag;
  };

  [[nodiscard]] http_response part_of(std::string_view range, http_response whole) const;

  std::string media_type_;
  representation plain_;
  /// Empty if it would not be smaller.
  representation compressed_;
};

} // namespace dcrf::internal
