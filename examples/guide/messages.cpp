#include <dcrf/server.hpp>

#include <string>
#include <utility>

namespace guide::messages {

// [bytes]
class thumbnail_consumer : public dcrf::api_consumer<thumbnail_consumer> {
public:
  dcrf::task<> received_bytes(std::string picture) override {
    auto shrink = [&picture] { return picture.substr(0, 1024); };
    send_bytes(co_await runtime().offload(shrink));
  }
};
// [bytes]

// [texts]
class echo_consumer : public dcrf::api_consumer<echo_consumer> {
public:
  dcrf::task<> received_text(std::string text) override {
    send_text(std::move(text));
    return {};
  }
};
// [texts]

// [connecting]
class talk_consumer : public dcrf::api_consumer<talk_consumer> {
public:
  dcrf::task<> connected() override {
    if (!user().is_authenticated()) {
      reject(4401);
      return {};
    }
    for (auto offered : scope().subprotocols()) {
      if (offered == "talk.v2") {
        choose_subprotocol(offered);
      }
    }
    return {};
  }
};
// [connecting]

// [routes]
void add_to(dcrf::server& server) {
  server.websocket<thumbnail_consumer>("/ws/thumbnails/", {.message_size = 8 * 1024 * 1024});
  server.websocket<echo_consumer>("/ws/echo/", {.compression = {.is_offered = true}});
  server.websocket<talk_consumer>("/ws/talk/");
}
// [routes]

} // namespace guide::messages
