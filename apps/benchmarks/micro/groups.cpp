// An event to all members of a group, in process: from the row created to the frames of all
// members.

#include "dcrf/testing/test_server.hpp"

#include <vector>

#include "message_consumer.hpp"
#include "require.hpp"

namespace {

using benchmarks::message;
using benchmarks::message_consumer;

constexpr auto path = "/ws/messages/";

void publish_to_members(benchmark::State& state) {
  dcrf::test_server server{dcrf::schema::of<message>()};
  server.websocket<message_consumer>(path);
  std::vector<dcrf::test_session> members;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    members.push_back(server.connect(path));
    members.back().send_text(R"({"action":"subscribe","request_id":7,"room":1})");
    if (!micro::require(state, members.back().receive()["response_status"] == 201,
                        "a member was not subscribed")) {
      return;
    }
  }
  auto publisher = server.connect(path);
  const auto create =
      R"({"action":"create","request_id":1,"data":{"room_id":1,"user_id":1,"text":")"
      + std::string(100, 'x') + R"("}})";
  std::string event;
  for (auto _ : state) {
    publisher.send_text(create);
    benchmark::DoNotOptimize(publisher.receive_text());
    for (auto& each : members) {
      event = each.receive_text();
    }
  }
  const auto parsed = dcrf::json::parse(event);
  micro::require(state,
                 parsed["action"] == "create" && parsed["request_id"] == 7
                     && parsed["data"]["room_id"] == 1,
                 "the event did not arrive");
  state.counters["per_member"] =
      benchmark::Counter(double(state.iterations()) * double(state.range(0)),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(publish_to_members)->Arg(1)->Arg(100)->Arg(1000);

} // namespace
