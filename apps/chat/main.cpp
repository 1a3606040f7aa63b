#include "dcrf/actors/server.hpp"

#include <cstdio>

#include "chat/accounts.hpp"
#include "chat/room_consumer.hpp"
#include "chat/site.hpp"

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
  server.models<chat::user, chat::login, chat::room, chat::message>();
  chat::add_accounts(server, config.limits.allowed_origins);
  chat::add_site(server);
  server.websocket<chat::room_consumer>("/ws/chat/room/");
  server.on_start(&chat::note_all_people);
  server.on_presence(&chat::note_people);
  return server.run();
}
