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

namespace {

json_text list_of(std::string_view text) {
  std::string result;
  json_writer{result}.begin_array().text(text).end_array();
  return json_text::trusted(std::move(result));
}

error_report report_of_store(const store_error& error) {
  switch (error.code) {
  case store_errc::not_found:
    return {404, list_of(object_not_found{}.text())};
  case store_errc::invalid: {
    std::string errors;
    json_writer{errors}.begin_array().raw(error.errors).end_array();
    return {400, json_text::trusted(std::move(errors))};
  }
  case store_errc::restricted:
    return {400, list_of(error.text)};
  case store_errc::unavailable:
    return {503, list_of(service_unavailable{}.text())};
  case store_errc::no_transaction:
  case store_errc::failed:
    break;
  }
  return {500, list_of(server_error{}.text())};
}

} // namespace

error_report report_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const api_exception& e) {
    return {e.status(), list_of(e.text())};
  } catch (const validation_error& e) {
    return {400, e.errors()};
  } catch (const store_failure& e) {
    return report_of_store(e.error());
  } catch (const json_error& e) {
    return {400, list_of(e.what())};
  } catch (...) {
    return {500, list_of(server_error{}.text())};
  }
}

} // namespace dcrf
