// What frames a request and a reply: parsing the one, putting together the other.

#include "dcrf/protocol/request.hpp"
#include "dcrf/protocol/response.hpp"

#include <nlohmann/json.hpp>

#include "require.hpp"

namespace {

void request_parse(benchmark::State& state) {
  const std::string frame = R"({"action":"retrieve","request_id":1700000042,"pk":512})";
  dcrf::scope scope;
  dcrf::frame_reader reader;
  dcrf::request request{scope, reader};
  for (auto _ : state) {
    request.parse(frame);
    benchmark::DoNotOptimize(request.id().data());
  }
  auto key = request.argument("pk");
  micro::require(state,
                 request.action() == "retrieve" && request.id() == "1700000042" && key
                     && key->int64() == 512,
                 "the request was not read");
}
BENCHMARK(request_parse);

void reply_envelope(benchmark::State& state) {
  const std::string data =
      R"({"id":512,"room_id":1,"text":")" + std::string(100, 'y') + R"(","user_id":3})";
  std::string reply;
  for (auto _ : state) {
    reply = dcrf::envelope("[]", data, R"("retrieve")", 200, "1700000042");
    benchmark::DoNotOptimize(reply.data());
  }
  auto parsed = dcrf::json::parse(reply);
  micro::require(state,
                 parsed.size() == 5 && parsed["data"]["id"] == 512
                     && parsed["request_id"] == 1700000042,
                 "the reply was not written");
}
BENCHMARK(reply_envelope);

} // namespace
