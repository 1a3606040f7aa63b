#pragma once

#include "dcrf/json/json_text.hpp"
#include "dcrf/model/field_errors.hpp"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace dcrf {

/// An error that an action answers with, as the APIException of DRF: a status and texts for the
/// `errors` of the reply. Thrown in an action it ends that action, and nothing else.
class api_exception : public std::runtime_error {
public:
  api_exception(unsigned status, const std::string& text)
      : std::runtime_error(text), status_(status), text_(text) {}

  [[nodiscard]] unsigned status() const noexcept { return status_; }

  /// The whole text, where `what` ends at a NUL.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
  unsigned status_;
  std::string text_;
};

/// 400: the request can't be understood.
class parse_error : public api_exception {
public:
  explicit parse_error(const std::string& text = "Malformed request.") : api_exception(400, text) {}
};

/// 401: the action is for users who are logged in.
class not_authenticated : public api_exception {
public:
  explicit not_authenticated(
      const std::string& text = "Authentication credentials were not provided.")
      : api_exception(401, text) {}
};

/// 401: the credentials are wrong.
class authentication_failed : public api_exception {
public:
  explicit authentication_failed(const std::string& text = "Incorrect authentication credentials.")
      : api_exception(401, text) {}
};

/// 403: not for this user.
class permission_denied : public api_exception {
public:
  explicit permission_denied(
      const std::string& text = "You do not have permission to perform this action.")
      : api_exception(403, text) {}
};

/// 404, raised by name.
class not_found : public api_exception {
public:
  explicit not_found(const std::string& text = "Not found.") : api_exception(404, text) {}
};

/// 404, as a lookup that finds no row answers: without the full stop that DRF's NotFound has.
class object_not_found : public api_exception {
public:
  object_not_found() : api_exception(404, "Not found") {}
};

/// 405: there is no such action.
class method_not_allowed : public api_exception {
public:
  explicit method_not_allowed(std::string_view name);
};

/// 429: too many requests.
class throttled : public api_exception {
public:
  explicit throttled(std::optional<std::chrono::seconds> wait = std::nullopt);
};

/// 429: the connection makes the server hold as much as one may: it has to give something back
/// first.
class limit_exceeded : public api_exception {
public:
  explicit limit_exceeded(const std::string& text) : api_exception(429, text) {}
};

/// 500, raised by name.
class server_error : public api_exception {
public:
  server_error() : api_exception(500, "A server error occurred.") {}
};

/// 503: the store does not answer now.
class service_unavailable : public api_exception {
public:
  service_unavailable() : api_exception(503, "Service temporarily unavailable, try again later.") {}
};

/// What went wrong, as clients are told: WebSockets by a list, HTTP by a body.
class error_report {
public:
  /// One text.
  error_report(unsigned status, std::string text);
  /// 400: what is wrong with the input.
  explicit error_report(field_errors errors);

  /// 404: no row is found. HTTP says that with a full stop.
  static error_report row_not_found();
  /// 500: nothing that clients may know of.
  static error_report unexpected();

  [[nodiscard]] unsigned status() const noexcept { return status_; }
  [[nodiscard]] bool is_unexpected() const noexcept { return is_unexpected_; }

  /// For `errors` of a reply.
  [[nodiscard]] json_text list() const;
  /// For the body of an answer over HTTP: `{"detail": text}`, the object of field errors, or a list
  /// of texts.
  [[nodiscard]] json_text body() const;

private:
  unsigned status_;
  bool is_unexpected_ = false;
  bool is_row_not_found_ = false;
  std::string text_;
  // Of the input, if the text doesn't say it all.
  std::optional<field_errors> errors_;
};

/// The report of an exception that an action, a view or an HTTP handler ended with. An unexpected
/// one tells the client nothing of itself.
/// @param error not null
error_report report_of(const std::exception_ptr& error);

} // namespace dcrf
