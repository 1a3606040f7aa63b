#include "dcrf/protocol/errors.hpp"

#include "dcrf/json/json_reader.hpp"
#include "dcrf/json/json_writer.hpp"
#include "dcrf/serializer/validation_error.hpp"
#include "dcrf/store/command.hpp"

#include <fmt/format.h>

namespace dcrf {

method_not_allowed::method_not_allowed(std::string_view name)
    : api_exception(405, fmt::format("Method \"{}\" not allowed.", name)) {}

throttled::throttled(std::optional<std::chrono::seconds> wait)
    : api_exception(429,
                    wait ? fmt::format("Request was throttled. Expected available in {} second{}.",
                                       wait->count(), wait->count() == 1 ? "" : "s")
                         : "Request was throttled.") {}

// -- reports --------------------------------------------------------------------------------------

namespace {

json_text list_of(std::string_view text) {
  std::string result;
  json_writer{result}.begin_array().text(text).end_array();
  return json_text::trusted(std::move(result));
}

error_report report_of_store(const store_error& error) {
  switch (error.code) {
  case store_errc::not_found:
    return error_report::row_not_found();
  case store_errc::invalid:
    return error_report{error.errors};
  case store_errc::restricted:
    return {400, error.text};
  case store_errc::conflict:
    return {409, "The row has changed meanwhile."};
  case store_errc::exhausted:
    return {429, error.text};
  case store_errc::unavailable:
    return {503, service_unavailable{}.text()};
  case store_errc::no_transaction:
  case store_errc::failed:
    break;
  }
  return error_report::unexpected();
}

} // namespace

error_report::error_report(unsigned status, std::string text)
    : status_(status), text_(std::move(text)) {}

error_report::error_report(field_errors errors) : status_(400), errors_(std::move(errors)) {}

error_report error_report::row_not_found() {
  error_report result{404, object_not_found{}.text()};
  result.is_row_not_found_ = true;
  return result;
}

error_report error_report::unexpected() {
  error_report result{500, server_error{}.text()};
  result.is_unexpected_ = true;
  return result;
}

json_text error_report::list() const {
  return errors_ ? errors_->as_list().to_json_text() : list_of(text_);
}

json_text error_report::body() const {
  if (errors_) {
    return errors_->of_field().to_json_text();
  }
  std::string result;
  const auto text = is_row_not_found_ ? not_found{}.text() : text_;
  json_writer{result}.begin_object().key("detail").text(text).end_object();
  return json_text::trusted(std::move(result));
}

error_report report_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const object_not_found&) {
    return error_report::row_not_found();
  } catch (const api_exception& e) {
    return {e.status(), e.text()};
  } catch (const validation_error& e) {
    return error_report{e.details()};
  } catch (const store_failure& e) {
    return report_of_store(e.error());
  } catch (const json_error& e) {
    return {400, e.what()};
  } catch (...) {
    return error_report::unexpected();
  }
}

} // namespace dcrf
