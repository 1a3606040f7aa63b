// A server with an actor of its own beside it, which tells all clients how many notes there are.

// [includes]
#include <caf/scoped_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <dcrf/actors/composing.hpp>
#include <dcrf/actors/server.hpp>
#include <dcrf/consumer/model_consumer.hpp>
#include <dcrf/observer/model_observer.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <optional>
// [includes]

struct note {
  std::int64_t id{};
  std::string text;
};
BOOST_DESCRIBE_STRUCT(note, (), (id, text))

template <>
struct dcrf::model<note> {
  static constexpr auto table = "note";
  using primary_key = dcrf::primary_key<&note::id>;
  using fields = dcrf::fields<dcrf::text_field<&note::text, dcrf::max_length<200>>>;
};

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::all_fields;
};

struct note_consumer : dcrf::model_consumer<note_consumer, note, note_serializer, dcrf::crud> {
  using permissions = dcrf::permissions<dcrf::allow_any>;
};

// [actor]
struct every_note : dcrf::model_observer<note> {};

using clerk_actor = caf::typed_actor<caf::reacts_to<dcrf::group_message_ptr>>;

class clerk : public clerk_actor::base {
public:
  clerk(caf::actor_config& config, const dcrf::server& server)
      : clerk_actor::base(config),
        server_(server),
        notes_(server.repository<note>()),
        groups_(server.groups()) {}

  behavior_type make_behavior() override {
    // The repositories end when the server stops, and this actor with them.
    monitor(notes_);
    set_down_handler([this](const caf::down_msg&) { quit(); });
    request(groups_, caf::infinite, dcrf::join_group{dcrf::group_of<every_note>()}).then([](bool) {
    });
    return {[this](const dcrf::group_message_ptr&) { count(); }};
  }

private:
  void count() {
    request(notes_, caf::infinite, dcrf::commands<note>::count({}))
        .then([this](const dcrf::store_result& answer) {
          for (const auto& session : server_.sessions()) {
            send(session, dcrf::send_frame{dcrf::json{{"notes", answer.count}}});
          }
        });
  }

  const dcrf::server& server_;
  dcrf::repository_actor notes_;
  dcrf::group_actor groups_;
};
// [actor]

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
  server.models<note>();
  server.websocket<note_consumer>("/ws/notes/");

  // The database is open and nobody is connected yet: the time to start actors.
  std::optional<clerk_actor> counting;
  server.on_start([&](const dcrf::runtime&) -> dcrf::task<> {
    counting = system.spawn<clerk>(std::ref(server));
    co_return;
  });
  auto status = server.run();
  if (counting) {
    caf::scoped_actor { system } -> wait_for(*counting);
  }
  return status;
}
// [main]
