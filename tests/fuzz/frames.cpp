// Frames of one connection, a line each: envelopes, arguments, the input of serializers, filters
// and pages.
#include "input.hpp"
#include "shop.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  auto lines = fuzz::text_of(bytes, size);
  {
    auto session = fuzz::server().connect("/ws/1/a/");
    while (!lines.empty() && !session.close_code()) {
      session.send_text(fuzz::next_line(lines));
      while (!session.close_code() && !session.is_silent()) {
        // No input is a fault of the server's.
        fuzz::require(session.receive().value("response_status", 0) != 500);
      }
    }
  }
  fuzz::prepare(fuzz::server());
  return 0;
}
