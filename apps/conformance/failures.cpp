#include "conformance/failures.hpp"

#include "dcrf/protocol/errors.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <stdexcept>

namespace conformance {

void fail_with(failure kind) {
  using dcrf::json;
  switch (kind) {
  case failure::validation_text:
    throw dcrf::validation_error("Bad value.");
  case failure::validation_list:
    throw dcrf::validation_error(std::vector<std::string>{"First.", "Second."});
  case failure::validation_dict:
    throw dcrf::validation_error(json{{"name", json::array({"Too odd."})},
                                      {"size", json::array({"Too big.", "Too round."})}});
  case failure::validation_nested:
    throw dcrf::validation_error(json{{"address", {{"street", json::array({"Unknown street."})}}}});
  case failure::parse:
    throw dcrf::parse_error();
  case failure::not_authenticated:
    throw dcrf::not_authenticated();
  case failure::authentication_failed:
    throw dcrf::authentication_failed();
  case failure::permission_denied:
    throw dcrf::permission_denied();
  case failure::permission_denied_text:
    throw dcrf::permission_denied("Members only.");
  case failure::not_found:
    throw dcrf::not_found();
  case failure::http404:
    throw dcrf::object_not_found();
  case failure::method_not_allowed:
    throw dcrf::method_not_allowed("TRACE");
  case failure::throttled:
    throw dcrf::throttled();
  case failure::throttled_wait:
    throw dcrf::throttled(std::chrono::seconds{30});
  case failure::api:
    throw dcrf::server_error();
  case failure::teapot:
    throw dcrf::api_exception(418, "Short and stout.");
  case failure::crash:
    break;
  }
  throw std::logic_error("nobody expected this");
}

void check_answers(std::string_view argument, std::int64_t answers) {
  constexpr std::int64_t most = 100'000;
  if (answers > most) {
    throw dcrf::validation_error(
        argument, fmt::format("Ensure this value is less than or equal to {}.", most));
  }
}

} // namespace conformance
