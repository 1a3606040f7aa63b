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
    return error_report{json_text::trusted('[' + error.errors.str() + ']')};
  case store_errc::restricted:
    return {400, error.text};
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

error_report::error_report(json_text errors) : status_(400), errors_(std::move(errors)) {}

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

json_text error_report::list() const { return errors_.is_null() ? list_of(text_) : errors_; }

json_text error_report::body() const {
  std::string result;
  json_writer writer{result};
  if (errors_.is_null()) {
    const auto text = is_row_not_found_ ? not_found{}.text() : text_;
    writer.begin_object().key("detail").text(text).end_object();
    return json_text::trusted(std::move(result));
  }
  json_reader reader;
  auto errors = reader.read(errors_.str());
  if (errors.size() == 1) {
    errors.each_element([&](json_view x) { result = x.is_object() ? x.to_text() : ""; });
  }
  return result.empty() ? errors_ : json_text::trusted(std::move(result));
}

error_report report_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const object_not_found&) {
    return error_report::row_not_found();
  } catch (const api_exception& e) {
    return {e.status(), e.text()};
  } catch (const validation_error& e) {
    return error_report{e.errors()};
  } catch (const store_failure& e) {
    return report_of_store(e.error());
  } catch (const json_error& e) {
    return {400, e.what()};
  } catch (...) {
    return error_report::unexpected();
  }
}

} // namespace dcrf
