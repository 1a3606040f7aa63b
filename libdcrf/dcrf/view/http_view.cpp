#include "dcrf/view/http_view.hpp"

#include <utility>

namespace dcrf {

namespace {

task<http_response> answer(const make_view& make, http_request& request, const runtime& within) {
  view_request asking{request, within};
  auto subject = make();
  co_return to_http(co_await subject->dispatch(asking));
}

} // namespace

http_handler http_view(make_view make) {
  return [make = std::move(make)](http_request& request, const runtime& within) {
    return answer(make, request, within);
  };
}

http_response to_http(view_response x) {
  http_response result;
  result.status = x.status();
  if (!x.media_type().empty()) {
    result.headers.emplace_back("Content-Type", x.media_type());
  }
  result.headers.insert(result.headers.end(), x.headers().begin(), x.headers().end());
  result.body = x.body();
  return result;
}

} // namespace dcrf
