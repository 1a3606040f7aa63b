// A row to JSON, and what a client sends to values.

#include "dcrf/json/json_reader.hpp"

#include "message_consumer.hpp"
#include "require.hpp"

namespace {

using benchmarks::message;
using benchmarks::message_serializer;

void serializer_write(benchmark::State& state) {
  const message row{.id = 512, .room_id = 1, .text = std::string(100, 'y'), .user_id = 3};
  dcrf::json_text text;
  for (auto _ : state) {
    text = dcrf::to_json<message_serializer>(row);
    benchmark::DoNotOptimize(text.str().data());
  }
  const auto shown = text.to_json();
  micro::require(state, shown.size() == 4 && shown["id"] == 512 && shown["text"] == row.text,
                 "the row was not shown");
}
BENCHMARK(serializer_write);

void serializer_read(benchmark::State& state) {
  const auto input = R"({"room_id":2,"user_id":1,"text":")" + std::string(100, 'x') + R"("})";
  dcrf::json_reader reader;
  dcrf::validated_input found;
  for (auto _ : state) {
    auto data = reader.read(input);
    found = dcrf::read_input(dcrf::serializer_of<message_serializer>(), data, {}, false);
    benchmark::DoNotOptimize(found.changes.data());
  }
  dcrf::validated<message> values{found};
  micro::require(state,
                 !found.has_errors() && values.get<&message::room_id>() == 2
                     && values.get<&message::text>().size() == 100,
                 "the input was not read");
}
BENCHMARK(serializer_read);

} // namespace
