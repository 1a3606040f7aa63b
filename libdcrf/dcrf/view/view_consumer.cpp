#include "dcrf/view/view_consumer.hpp"

#include <utility>

namespace dcrf {

task<response> view_consumer::answer(std::string_view method, request& req) {
  view_request asking{method, req, runtime()};
  auto subject = make();
  auto answered = co_await subject->dispatch(asking);
  response result;
  result.data = answered.data();
  result.status = answered.status();
  co_return result;
}

} // namespace dcrf
