// Part 3 of docs/tutorial.md: users who log in, and a page for them.
#include <dcrf/server.hpp>

#include <cstdio>

#include "accounts.hpp"
#include "page.hpp"
#include "room_consumer.hpp"

// [pages]
dcrf::task<dcrf::http_response> get_page(dcrf::http_request&, const dcrf::runtime&) {
  co_return dcrf::http_response::with(200, "text/html; charset=utf-8", std::string{page});
}

dcrf::task<dcrf::http_response> get_script(dcrf::http_request&, const dcrf::runtime&) {
  co_return dcrf::http_response::with(200, "text/javascript; charset=utf-8", std::string{script});
}
// [pages]

// Nobody is connected when the server starts, whatever a crash has left behind.
dcrf::task<> empty_rooms(const dcrf::runtime& within) {
  auto rooms = co_await within.repository<room>().list({});
  for (const auto& x : rooms) {
    co_await within.related<&room::current_users>(x.id).clear();
  }
}

int main(int argc, char** argv) {
  dcrf::actor_system_config config;
  if (auto error = config.parse(argc, argv)) {
    std::fprintf(stderr, "error: %s\n", dcrf::actor_system_config::render(error).c_str());
    return 1;
  }
  if (config.cli_helptext_printed) {
    return 0;
  }
  // [routes]
  if (sodium_init() < 0) {
    std::fprintf(stderr, "error: libsodium can't be used on this machine\n");
    return 1;
  }
  caf::actor_system system{config};
  dcrf::server server{system};
  server.models<user, login, room, message>();
  server.authenticate(&authenticate);
  server.http("GET", "/", &get_page);
  server.http("GET", "/chat.js", &get_script);
  server.http("GET", "/api/me", &who_am_i);
  server.http("POST", "/api/login", &log_in);
  server.http("POST", "/api/logout", &log_out);
  server.on_start(&empty_rooms);
  server.websocket<room_consumer>("/ws/chat/room/");
  return server.run();
  // [routes]
}
