#include "dcrf/view/http.hpp"

#include "dcrf/json/json_writer.hpp"

namespace dcrf {

http_response http_response::with(unsigned status, std::string_view content_type,
                                  std::string body) {
  http_response result;
  result.status = status;
  result.headers.emplace_back("Content-Type", content_type);
  result.body = std::move(body);
  return result;
}

http_response http_response::detail(unsigned status, std::string_view text) {
  std::string body;
  json_writer{body}.begin_object().key("detail").text(text).end_object();
  return with(status, "application/json", std::move(body));
}

http_response http_response::redirect(std::string_view location) {
  http_response result;
  result.status = 303;
  result.headers.emplace_back("Location", location);
  return result;
}

} // namespace dcrf
