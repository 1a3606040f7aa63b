#pragma once

#include "dcrf/json/json_text.hpp"
#include "dcrf/protocol/scope.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace dcrf {

/// What a view answers: data, a text, bytes or nothing, with a status and headers.
class view_response {
public:
  /// 200 without content.
  view_response() = default;

  /// Data with a status; `null` is no content.
  static view_response with(unsigned status, json_text data = {});
  static view_response ok(json_text data = {}) { return with(200, std::move(data)); }
  static view_response created(json_text data = {}) { return with(201, std::move(data)); }
  static view_response accepted(json_text data = {}) { return with(202, std::move(data)); }
  static view_response no_content() { return with(204); }
  /// `{"detail": text}`, the form of an error in DRF.
  static view_response detail(unsigned status, std::string_view text);

  /// A text in UTF-8, JSON or not; a client of a consumer gets it as a string.
  static view_response text(std::string body, unsigned status = 200,
                            std::string_view media_type = "text/plain; charset=utf-8");
  /// Bytes; where they are no UTF-8, a client of a consumer gets them as lower-case hex.
  static view_response bytes(std::string body, unsigned status = 200,
                             std::string_view media_type = "application/octet-stream");

  /// Sets a header of the answer over HTTP.
  view_response& header(std::string_view name, std::string_view value);

  [[nodiscard]] unsigned status() const noexcept { return status_; }
  [[nodiscard]] const scope::pairs& headers() const noexcept { return headers_; }

  /// The body as HTTP sends it; empty if there is no content.
  [[nodiscard]] const std::string& body() const noexcept { return body_; }
  /// Empty if there is no content.
  [[nodiscard]] const std::string& media_type() const noexcept { return media_type_; }

  /// The content as a reply of a consumer has it: data as it is, no content as null, text as a
  /// string, what is no UTF-8 as lower-case hex.
  [[nodiscard]] json_text data() const;

private:
  enum class content : std::uint8_t { none, data, raw };

  static view_response raw(std::string body, unsigned status, std::string_view media_type);

  unsigned status_ = 200;
  content kind_ = content::none;
  std::string body_;
  std::string media_type_;
  scope::pairs headers_;
};

} // namespace dcrf
