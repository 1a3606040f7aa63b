// Part 2 of docs/tutorial.md: users, messages, and who is here.
#include <dcrf/server.hpp>

#include <cstdio>

#include "room_consumer.hpp"

// [authenticate]
// For now, everybody is who they say they are: /ws/chat/room/?user=ann
dcrf::task<dcrf::user_info> authenticate(const dcrf::scope& connection,
                                         const dcrf::runtime& within) {
  dcrf::user_info result;
  result.username = connection.query("user").value_or("");
  if (result.username.empty()) {
    co_return result;
  }
  auto named = dcrf::query<user>{}.filter(dcrf::column<&user::username> == result.username);
  auto known = co_await within.repository<user>().first(named);
  if (!known) {
    user draft{.username = result.username};
    dcrf::full_clean(draft);
    known = co_await within.repository<user>().create(draft);
  }
  result.pk = known->id;
  co_return result;
}
// [authenticate]

// [empty_rooms]
// Nobody is connected when the server starts, whatever a crash has left behind.
dcrf::task<> empty_rooms(const dcrf::runtime& within) {
  auto rooms = co_await within.repository<room>().list({});
  for (const auto& x : rooms) {
    co_await within.related<&room::current_users>(x.id).clear();
  }
}
// [empty_rooms]

// [main]
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
  server.models<user, room, message>();
  server.authenticate(&authenticate);
  server.on_start(&empty_rooms);
  server.websocket<room_consumer>("/ws/chat/room/");
  return server.run();
}
// [main]
