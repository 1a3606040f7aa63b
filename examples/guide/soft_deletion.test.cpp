#include <catch2/catch.hpp>
#include <dcrf/consumer/model_consumer.hpp>
#include <dcrf/observer/model_observer.hpp>
#include <dcrf/testing/test_server.hpp>
#include <nlohmann/json.hpp>

namespace guide::soft_deletion {

struct note {
  std::int64_t id{};
  std::string text;
  std::optional<dcrf::timestamp> deleted_at;
};
BOOST_DESCRIBE_STRUCT(note, (), (id, text, deleted_at))

} // namespace guide::soft_deletion

template <>
struct dcrf::model<guide::soft_deletion::note> {
  using note = guide::soft_deletion::note;
  static constexpr auto table = "kept_note";
  using primary_key = dcrf::primary_key<&note::id>;
  using fields = dcrf::fields<dcrf::text_field<&note::text, dcrf::max_length<200>>,
                              dcrf::field<&note::deleted_at, dcrf::indexed>>;
};

namespace guide::soft_deletion {

struct note_serializer : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::field<&note::id>, dcrf::field<&note::text>>;
};

// [consumer]
class note_consumer
    : public dcrf::model_consumer<note_consumer, note, note_serializer, dcrf::list_model,
                                  dcrf::retrieve_model, dcrf::create_model, dcrf::patch_model> {
public:
  using permissions = dcrf::permissions<dcrf::is_authenticated>;

  struct every_note : dcrf::model_observer<note, note_serializer> {
    // A note that is marked is in no group: for those who watch, it has left.
    static std::vector<std::string> groups_for(const note& row) {
      return row.deleted_at ? std::vector<std::string>{} : std::vector<std::string>{"notes"};
    }
    static constexpr bool deletes_with_key_only = true;
  };

  struct of_note {
    std::int64_t pk{};
    BOOST_DESCRIBE_CLASS(of_note, (), (pk), (), ())
  };

  // In one transaction, so that nothing comes between reading and writing.
  dcrf::task<dcrf::response> mark_deleted(of_note args, dcrf::request& req) {
    auto wanted = queryset(req).filter(dcrf::column<&note::id> == args.pk);
    auto found = co_await repository<note>().first(wanted);
    if (!found) {
      throw dcrf::not_found();
    }
    co_await repository<note>().update(found->id,
                                       dcrf::set<&note::deleted_at>(dcrf::timestamp::now()));
    co_return dcrf::response::no_content();
  }

  dcrf::task<dcrf::response> watch(dcrf::request& req) {
    co_await subscribe<every_note>(req, "notes");
    co_return dcrf::response::created();
  }

  using actions = dcrf::actions<dcrf::atomic_action<"delete", &note_consumer::mark_deleted>,
                                dcrf::action<"watch", &note_consumer::watch>>;

protected:
  dcrf::query<note> queryset(const dcrf::request&) const override {
    return dcrf::query<note>{}.filter(dcrf::column<&note::deleted_at>.is_null());
  }
};
// [consumer]

} // namespace guide::soft_deletion

using dcrf::json;
using namespace guide::soft_deletion;

TEST_CASE("a note that is marked as deleted is gone for clients", "[guide]") {
  dcrf::test_server server{dcrf::schema::of<note>()};
  server.websocket<note_consumer>("/ws/notes/");
  dcrf::user_info ann{.pk = 1, .username = "ann"};
  auto client = server.connect("/ws/notes/", ann);
  auto other = server.connect("/ws/notes/", ann);
  other.send({{"action", "watch"}, {"request_id", "w"}});
  CHECK(other.receive()["response_status"] == 201);
  client.send({{"action", "create"}, {"data", {{"text", "Buy milk"}}}});
  CHECK(client.receive()["response_status"] == 201);
  CHECK(other.receive()["action"] == "create");

  client.send({{"action", "delete"}, {"pk", 1}});
  CHECK(client.receive()["response_status"] == 204);
  auto told = other.receive();
  CHECK(told["action"] == "delete");
  CHECK(told["data"] == json{{"pk", 1}});
  for (const auto* action : {"retrieve", "patch", "delete"}) {
    client.send({{"action", action}, {"pk", 1}, {"data", {{"text", "x"}}}});
    CHECK(client.receive()["response_status"] == 404);
  }
  client.send({{"action", "list"}});
  CHECK(client.receive()["data"].empty());
  auto kept = [&]() -> dcrf::task<std::int64_t> {
    co_return co_await server.runtime().repository<note>().count({});
  };
  CHECK(server.run(kept()) == 1);
}
