#include "dcrf/view/http_handler.hpp"

#include "dcrf/protocol/errors.hpp"

namespace dcrf {

http_response http_response_of(const std::exception_ptr& error) {
  auto report = report_of(error);
  return http_response::with(report.status(), "application/json", report.body().str());
}

task<http_response> handle_http(http_request& request, const runtime& within,
                                const authenticator& authenticate, const http_handler& handler) {
  std::exception_ptr error;
  try {
    if (authenticate) {
      request.scope.user = co_await authenticate(request.scope, within);
    }
    co_return co_await handler(request, within);
  } catch (...) {
    error = std::current_exception();
  }
  auto response = http_response_of(error);
  if (response.status >= 500) {
    within.where().log_failure(request.scope.path, error);
  }
  co_return response;
}

} // namespace dcrf
