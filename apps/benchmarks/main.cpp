// The server that benchmarks measure: messages in rooms, as an application would offer them.

#include "dcrf/actors/server.hpp"

#include <cstdio>
#include <string>
#include <vector>

#include "message_consumer.hpp"

namespace benchmarks {

constexpr std::int64_t first_rows = 1000;

// The rows that readers read, unless the database has them already.
dcrf::task<> fill(const dcrf::runtime& within) {
  if (co_await within.repository<message>().count({}) > 0) {
    co_return;
  }
  std::vector<message> rows;
  for (std::int64_t i = 1; i <= first_rows; ++i) {
    rows.push_back({.room_id = 1,
                    .text = "message number " + std::to_string(i) + ' ' + std::string(80, 'y'),
                    .user_id = i % 10 + 1});
  }
  co_await within.repository<message>().bulk_create(rows);
}

} // namespace benchmarks

int main(int argc, char** argv) {
  dcrf::actor_system_config config;
  if (auto error = config.parse(argc, argv)) {
    std::fprintf(stderr, "error: %s\n", dcrf::actor_system_config::render(error).c_str());
    return 1;
  }
  if (config.cli_helptext_printed) {
    return 0;
  }
  caf::actor_system system{config};
  dcrf::server server{system};
  server.models<benchmarks::message>();
  server.websocket<benchmarks::message_consumer>("/ws/messages/");
  server.on_start(&benchmarks::fill);
  return server.run();
}
