#include "dcrf/observer/signal.hpp"

#include "dcrf/consumer/internal/test_models.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::json;

namespace consumer_test::signalling {

struct announcement : dcrf::signal {
  std::string text;
  std::string channel;
};
struct silence : dcrf::signal {};

class herald : public dcrf::api_consumer<herald> {
public:
  struct bare : dcrf::signal_observer<announcement> {};
  struct full : dcrf::signal_observer<announcement> {
    static dcrf::json_text body(const announcement& x) {
      return json{{"text", x.text}, {"channel", x.channel}};
    }
  };
  struct by_channel : dcrf::signal_observer<announcement> {
    static constexpr std::string_view action = "channel";
    static std::vector<std::string> groups_for(const announcement& x) {
      return {x.channel, x.channel};
    }
    static dcrf::json_text body(const announcement& x) { return json(x.text); }
  };
  struct of_silence : dcrf::signal_observer<silence> {};

  struct spoken {
    std::string text;
    std::string channel;
    bool fails{};
    BOOST_DESCRIBE_CLASS(spoken, (), (text, channel, fails), (), ())
  };
  struct channel {
    std::string name;
    BOOST_DESCRIBE_CLASS(channel, (), (name), (), ())
  };

  template <class Observer>
  dcrf::task<dcrf::response> hear(dcrf::request& req) {
    co_await subscribe<Observer>(req);
    co_return dcrf::response::created();
  }
  dcrf::task<dcrf::response> hear_channel(channel args, dcrf::request& req) {
    co_await subscribe<by_channel>(req, args.name);
    co_return dcrf::response::created();
  }
  dcrf::response leave_channel(channel args, dcrf::request& req) {
    unsubscribe<by_channel>(req, args.name);
    return dcrf::response::no_content();
  }
  dcrf::response speak(spoken args) {
    announcement x;
    x.text = args.text;
    x.channel = args.channel;
    dcrf::send_signal(runtime(), x);
    if (args.fails) {
      throw dcrf::permission_denied();
    }
    return dcrf::response::ok();
  }
  dcrf::task<dcrf::response> speak_atomically(spoken args) { co_return speak(std::move(args)); }

  using actions = dcrf::actions<
      dcrf::action<"bare", &herald::hear<bare>>, dcrf::action<"full", &herald::hear<full>>,
      dcrf::action<"silence", &herald::hear<of_silence>>,
      dcrf::action<"channel", &herald::hear_channel>, dcrf::action<"leave", &herald::leave_channel>,
      dcrf::action<"speak", &herald::speak>,
      dcrf::atomic_action<"speak_atomic", &herald::speak_atomically>>;
};

dcrf::test_session connected(dcrf::test_server& server) {
  server.websocket<herald>("/");
  return server.connect("/");
}

struct bench {
  void subscribe(const std::string& to, const std::string& name = {}) {
    session.send({{"action", to}, {"request_id", 1}, {"name", name}});
    CHECK(session.receive()["response_status"] == 201);
  }

  unsigned speak(const std::string& text, const std::string& channel, bool fails = false,
                 const std::string& action = "speak") {
    speaker.send({{"action", action}, {"text", text}, {"channel", channel}, {"fails", fails}});
    return speaker.receive()["response_status"];
  }

  std::string event() {
    auto frame = session.receive();
    CHECK(frame["request_id"] == 1);
    CHECK(frame["response_status"] == 200);
    return frame["action"].get<std::string>() + ' ' + frame["data"].dump();
  }

  dcrf::test_server server{all_models()};
  dcrf::test_session session = connected(server);
  dcrf::test_session speaker = server.connect("/");
};

TEST_CASE("a signal reaches all its observers, under their names", "[signal]") {
  bench x;
  x.subscribe("bare");
  x.subscribe("silence");
  CHECK(x.speak("hello", "red") == 200);
  CHECK(x.event() == "bare {}");
  x.subscribe("full");
  x.speak("again", "blue");
  auto first = x.event();
  auto second = x.event();
  CHECK(std::minmax(first, second)
        == std::minmax<std::string>("bare {}", R"(full {"channel":"blue","text":"again"})"));
  CHECK(x.session.is_silent());
}

TEST_CASE("a signal's groups may be made from what it carries", "[signal]") {
  bench x;
  x.subscribe("channel", "red");
  x.speak("no", "blue");
  x.speak("yes", "red");
  CHECK(x.event() == R"(channel "yes")");
  CHECK(x.session.is_silent());
  x.session.send({{"action", "leave"}, {"request_id", 1}, {"name", "red"}});
  CHECK(x.session.receive()["response_status"] == 204);
  x.speak("yes", "red");
  CHECK(x.session.is_silent());
}

TEST_CASE("a signal is sent whatever becomes of the transaction", "[signal]") {
  bench x;
  x.subscribe("bare");
  CHECK(x.speak("hello", "red", true, "speak_atomic") == 403);
  CHECK(x.event() == "bare {}");
}

} // namespace consumer_test::signalling
