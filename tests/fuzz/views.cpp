// A request over HTTP: method, target and body, each behind a line feed. Paths, queries, cursors
// and the input of view sets.
#include "input.hpp"
#include "shop.hpp"

#include <utility>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  auto rest = fuzz::text_of(bytes, size);
  dcrf::http_request request;
  request.method = fuzz::next_line(rest);
  auto target = fuzz::next_line(rest);
  request.scope.headers.emplace_back("content-type", "application/json");
  request.body = rest;
  bool is_read = request.method == "GET" || request.method == "HEAD";
  auto status = fuzz::server().fetch(target, std::move(request)).status;
  fuzz::require(status != 500);
  if (!is_read) {
    fuzz::prepare(fuzz::server());
  }
  return 0;
}
