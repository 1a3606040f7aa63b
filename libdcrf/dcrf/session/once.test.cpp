#include "dcrf/consumer/demultiplexer.hpp"
#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/consumer/model_consumer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>

using dcrf::json;

namespace consumer_test::once {

struct letter {
  std::string text;
  std::optional<std::string> once;
};
BOOST_DESCRIBE_STRUCT(letter, (), (text, once))

class notes : public dcrf::model_consumer<notes, note, note_serializer, dcrf::crud> {
public:
  dcrf::task<dcrf::response> twice(std::string text, std::optional<int> fails) {
    note draft{.text = text};
    auto first = co_await repository<note>().create(draft);
    auto second = co_await repository<note>().create(draft);
    if (fails) {
      throw dcrf::api_exception(static_cast<unsigned>(*fails), "Not now.");
    }
    co_return dcrf::response{json_of(first.id, second.id), 207};
  }
  dcrf::task<> silent() {
    note draft{.text = "silent"};
    co_await repository<note>().create(draft);
  }
  dcrf::response plain() { return dcrf::response::ok(json("done")); }
  dcrf::response named(std::string once) { return dcrf::response::ok(json(once)); }
  dcrf::response described(letter x) { return dcrf::response::ok(json(x.once.value_or("none"))); }
  dcrf::response tree(const json& x) { return dcrf::response::ok(x); }
  dcrf::task<dcrf::response> atomic_tree(json x) { co_return dcrf::response::ok(x); }

  using actions = dcrf::actions<
      dcrf::atomic_action<"twice", &notes::twice, "text", "fails">,
      dcrf::atomic_action<"silent", &notes::silent>, dcrf::action<"plain", &notes::plain>,
      dcrf::action<"named", &notes::named, "once">, dcrf::action<"described", &notes::described>,
      dcrf::action<"tree", &notes::tree>, dcrf::atomic_action<"atomic_tree", &notes::atomic_tree>>;

private:
  static json json_of(std::int64_t first, std::int64_t second) { return {first, second}; }
};

struct site : dcrf::demultiplexer<dcrf::stream<"a", notes>, dcrf::stream<"b", notes>> {};

struct bench {
  bench() { server.websocket<notes>("/other/"); }

  static std::string ask(dcrf::test_session& session, const std::string& action,
                         const std::string& arguments) {
    session.send_text(R"({"request_id":1,"action":")" + action + "\"," + arguments + "}");
    auto reply = session.receive();
    const auto& shown = reply["errors"].empty() ? reply["data"] : reply["errors"];
    return reply["response_status"].dump() + ' ' + shown.dump();
  }
  std::string ask(const std::string& action, const std::string& arguments) {
    return ask(session, action, arguments);
  }
  std::int64_t count() {
    auto counting = [this]() -> dcrf::task<std::int64_t> {
      co_return co_await server.runtime().repository<note>().count(dcrf::query<note>{});
    };
    return server.run(counting());
  }

  dcrf::test_server server{all_models()};
  dcrf::test_session session = [this] {
    server.websocket<notes>("/");
    return server.connect("/", user(1, "ann"));
  }();
};

} // namespace consumer_test::once

namespace consumer_test::once {

TEST_CASE("a creation that is sent twice is done once", "[once]") {
  bench x;
  const std::string first = R"(201 {"author":null,"id":1,"text":"one"})";
  CHECK(x.ask("create", R"("once":"k","data":{"text":"one","author":null})") == first);
  CHECK(x.ask("create", R"("once":"k","data":{"text":"one","author":null})") == first);
  // The order of members says nothing, and neither does `live`.
  CHECK(x.ask("create", R"("data":{"author":null,"text":"one"},"once":"k")") == first);
  CHECK(x.count() == 1);
  CHECK(x.ask("create", R"("once":"l","data":{"text":"one"})")
        == R"(201 {"author":null,"id":2,"text":"one"})");
  CHECK(x.ask("create", R"("once":null,"data":{"text":"one"})")
        == R"(201 {"author":null,"id":3,"text":"one"})");
}

TEST_CASE("the other writes of the mixins are done once, too", "[once]") {
  bench x;
  x.ask("create", R"("data":{"text":"one"})");
  const std::string changed = R"(200 {"author":null,"id":1,"text":"two"})";
  CHECK(x.ask("patch", R"("once":"p","pk":1,"data":{"text":"two"})") == changed);
  x.ask("patch", R"("pk":1,"data":{"text":"three"})");
  CHECK(x.ask("patch", R"("once":"p","pk":1,"data":{"text":"two"})") == changed);
  CHECK(x.ask("retrieve", R"("pk":1)") == R"(200 {"author":null,"id":1,"text":"three"})");
  CHECK(x.ask("update", R"("once":"u","pk":1,"data":{"text":"four"})")
        == x.ask("update", R"("once":"u","pk":1,"data":{"text":"four"})"));
  CHECK(x.ask("delete", R"("once":"d","pk":1)") == "204 null");
  CHECK(x.ask("delete", R"("once":"d","pk":1)") == "204 null");
  CHECK(x.ask("delete", R"("once":"e","pk":1)") == R"(404 ["Not found"])");
  CHECK(x.ask("update", R"("once":"u","pk":1,"data":{"text":"four"})")
        == R"(200 {"author":null,"id":1,"text":"four"})");
}

TEST_CASE("the same text for something else is an error", "[once]") {
  bench x;
  x.ask("create", R"("once":"k","data":{"text":"one"})");
  const std::string refused = R"(409 ["This `once` was used for something else."])";
  CHECK(x.ask("create", R"("once":"k","data":{"text":"two"})") == refused);
  CHECK(x.ask("delete", R"("once":"k","pk":1)") == refused);
  CHECK(x.count() == 1);
}

TEST_CASE("what failed was not done, and may be sent again", "[once]") {
  bench x;
  CHECK(x.ask("create", R"("once":"k","data":{"text":"much too long for this field"})")
            .starts_with("400"));
  CHECK(x.ask("create", R"("once":"k","data":{"text":"one"})").starts_with("201"));
  CHECK(x.ask("twice", R"("once":"t","text":"a","fails":418)") == R"(418 ["Not now."])");
  CHECK(x.count() == 1);
  CHECK(x.ask("twice", R"("once":"t","text":"a")") == "207 [2,3]");
  CHECK(x.ask("twice", R"("once":"t","text":"a")") == "207 [2,3]");
  CHECK(x.count() == 3);
}

TEST_CASE("a transaction that was done once lets others write", "[once]") {
  bench x;
  x.ask("twice", R"("once":"t","text":"a")");
  x.ask("twice", R"("once":"t","text":"a")");
  auto other = x.server.connect("/", user(2, "bob"));
  CHECK(bench::ask(other, "create", R"("data":{"text":"one"})").starts_with("201"));
}

TEST_CASE("what is kept belongs to the user, the path and the stream", "[once]") {
  bench x;
  const std::string create = R"("once":"0123456789abcdefghijkl","data":{"text":"one"})";
  x.ask("create", create);
  auto other = x.server.connect("/", user(2, "bob"));
  CHECK(bench::ask(other, "create", create) == R"(201 {"author":null,"id":2,"text":"one"})");
  auto nobody = x.server.connect("/");
  CHECK(bench::ask(nobody, "create", create) == R"(201 {"author":null,"id":3,"text":"one"})");
  auto elsewhere = x.server.connect("/other/", user(1, "ann"));
  CHECK(bench::ask(elsewhere, "create", create) == R"(201 {"author":null,"id":4,"text":"one"})");
  auto again = x.server.connect("/?query", user(1, "ann"));
  CHECK(bench::ask(again, "create", create) == R"(201 {"author":null,"id":1,"text":"one"})");

  x.server.websocket<site>("/streams/");
  auto both = x.server.connect("/streams/", user(1, "ann"));
  auto created = [&](const std::string& stream) {
    both.send_text(R"({"stream":")" + stream + R"(","payload":{"action":"create",)" + create
                   + "}}");
    return both.receive()["payload"]["data"]["id"].get<int>();
  };
  CHECK(created("a") == 5);
  CHECK(created("b") == 6);
  CHECK(created("a") == 5);
}

TEST_CASE("once is a text, and without a user a long one", "[once]") {
  bench x;
  CHECK(x.ask("create", R"("once":1,"data":{"text":"one"})")
        == R"(400 [{"once":["Not a valid string."]}])");
  for (const auto& text : {std::string{}, std::string(256, 'x')}) {
    CHECK(x.ask("create", R"("once":")" + text + R"(","data":{"text":"one"})")
          == R"(400 [{"once":["Ensure this field has 1 to 255 characters."]}])");
  }
  std::string umlauts;
  for (int i = 0; i < 255; ++i) {
    umlauts += "ä";
  }
  CHECK(x.ask("create", R"("once":")" + umlauts + R"(","data":{"text":"one"})").starts_with("201"));
  auto nobody = x.server.connect("/");
  CHECK(bench::ask(nobody, "create", R"("once":"0123456789abcdefghijk","data":{"text":"one"})")
        == R"(400 [{"once":["Without a user it has at least 22 characters, at random."]}])");
}

TEST_CASE("only what is one transaction can be done once", "[once]") {
  bench x;
  CHECK(x.ask("plain", R"("once":"k")")
        == R"(400 [{"once":["This action can't be done once: it is no atomic action."]}])");
  CHECK(x.ask("plain", R"("once":null)") == R"(200 "done")");
  // To these it means something else, or nothing.
  CHECK(x.ask("named", R"("once":"mine")") == R"(200 "mine")");
  CHECK(x.ask("described", R"("once":"mine","text":"")") == R"(200 "mine")");
  CHECK(x.ask("tree", R"("once":3)") == R"(200 {"once":3})");
  CHECK(x.ask("list", R"("once":3)") == "200 []");
  CHECK(x.ask("atomic_tree", R"("once":3)") == R"(400 [{"once":["Not a valid string."]}])");
}

TEST_CASE("what answers nothing answers nothing again", "[once]") {
  bench x;
  x.session.send_text(R"({"action":"silent","once":"s"})");
  CHECK(x.session.is_silent());
  x.session.send_text(R"({"action":"silent","once":"s"})");
  CHECK(x.session.is_silent());
  CHECK(x.count() == 1);
}

} // namespace consumer_test::once
