// Rows that show links, over a multiplexed connection.

#include "dcrf/consumer/demultiplexer.hpp"
#include "dcrf/consumer/internal/test_models.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::json;

namespace consumer_test::linking {

struct author_links : dcrf::model_serializer<author> {
  using fields = dcrf::shown<
      dcrf::identity<>, dcrf::field<&author::name>,
      dcrf::link_to_referrers<"notes", &note::author, dcrf::link_lookup<"author_pk", &author::id>>,
      dcrf::link_to_related<"clubs", &club::members, dcrf::link_action<"of_member">>>;
};

struct note_links : dcrf::model_serializer<note> {
  using fields = dcrf::shown<
      dcrf::identity<dcrf::link_action<"find">, dcrf::link_lookup<"text", &note::text>>,
      dcrf::field<&note::text>, dcrf::link<&note::author>,
      dcrf::link<&note::author, dcrf::named<"by">, dcrf::read_only, dcrf::link_stream<"elsewhere">,
                 dcrf::link_lookup<"name", &note::author, &author::name>,
                 dcrf::link_lookup<"note", &note::id>>>;
  using listed = dcrf::identity<dcrf::link_lookup<"name", &note::author, &author::name>>;
};

struct club_links : dcrf::model_serializer<club> {
  using fields =
      dcrf::shown<dcrf::identity<>, dcrf::field<&club::name>, dcrf::link<&club::members>>;
};

// In lists only links, which no field has.
struct plain_notes : dcrf::model_serializer<note> {
  using fields = dcrf::shown<dcrf::field<&note::id>, dcrf::field<&note::text>>;
  using listed = dcrf::identity<>;
};

class watched_notes : public dcrf::model_consumer<watched_notes, note, plain_notes,
                                                  dcrf::list_model, dcrf::observe_list> {};

class authors : public dcrf::model_consumer<authors, author, author_links, dcrf::crud> {};
class by_name : public dcrf::model_consumer<by_name, author, author_links, dcrf::crud> {
public:
  using lookup = dcrf::lookup_field<&author::name, "name">;
};
class notes : public dcrf::model_consumer<notes, note, note_links, dcrf::crud> {};
class clubs : public dcrf::model_consumer<clubs, club, club_links, dcrf::crud> {};

struct site : dcrf::demultiplexer<dcrf::stream<"authors", authors>, dcrf::stream<"names", by_name>,
                                  dcrf::stream<"notes", notes>, dcrf::stream<"clubs", clubs>> {};

struct watching_site : dcrf::demultiplexer<dcrf::stream<"watched", watched_notes>> {};

json link_to(const json& stream, const std::string& action, json lookups = json::object()) {
  lookups["action"] = action;
  return {{"stream", stream}, {"payload", std::move(lookups)}};
}

struct bench {
  bench() {
    server.websocket<notes>("/notes/");
    stored(server, author{.name = "ann"});
    stored(server, author{.name = "bob"});
    stored(server, note{.text = "hi", .author = 1});
    stored(server, note{.text = "lost"});
  }

  json ask(const std::string& stream, json payload) {
    client.send({{"stream", stream}, {"payload", std::move(payload)}});
    return client.receive()["payload"];
  }

  json refused(const json& author) {
    auto got = ask("notes", {{"action", "create"}, {"data", {{"text", "x"}, {"author", author}}}});
    CHECK(got["response_status"] == 400);
    return got["errors"][0]["author"][0];
  }

  dcrf::test_server server{all_models()};
  dcrf::test_session client = connected();

private:
  dcrf::test_session connected() {
    server.websocket<site>("/");
    return server.connect("/");
  }
};

TEST_CASE("links take the place of keys", "[hypermedia]") {
  bench x;
  CHECK(x.ask("notes", {{"action", "retrieve"}, {"pk", 1}})["data"]
        == json{{"@id", link_to("notes", "find", {{"text", "hi"}})},
                {"text", "hi"},
                {"author", link_to("authors", "retrieve", {{"pk", 1}})},
                {"by", link_to("elsewhere", "retrieve", {{"name", "ann"}, {"note", 1}})}});
  auto lost = x.ask("notes", {{"action", "retrieve"}, {"pk", 2}})["data"];
  CHECK(lost["author"] == nullptr);
  CHECK(lost["by"] == nullptr);
  CHECK(x.ask("authors", {{"action", "retrieve"}, {"pk", 2}})["data"]
        == json{{"@id", link_to("authors", "retrieve", {{"pk", 2}})},
                {"name", "bob"},
                {"notes", link_to("notes", "list", {{"author_pk", 2}})},
                {"clubs", link_to("clubs", "of_member", {{"pk", 2}})}});
}

TEST_CASE("a list may show links alone", "[hypermedia]") {
  bench x;
  CHECK(x.ask("notes", {{"action", "list"}})["data"]
        == json{link_to("notes", "retrieve", {{"name", "ann"}}),
                link_to("notes", "retrieve", {{"name", nullptr}})});
}

TEST_CASE("without streams a link leads nowhere", "[hypermedia]") {
  bench x;
  auto client = x.server.connect("/notes/");
  client.send({{"action", "retrieve"}, {"pk", 1}});
  CHECK(client.receive()["data"]["author"] == link_to(nullptr, "retrieve", {{"pk", 1}}));
}

TEST_CASE("a reference is written as key or as link", "[hypermedia]") {
  bench x;
  auto author_of = [&](const json& author) {
    auto got =
        x.ask("notes", {{"action", "create"}, {"data", {{"text", "x"}, {"author", author}}}});
    CHECK(got["response_status"] == 201);
    return got["data"]["author"];
  };
  CHECK(author_of(2) == link_to("authors", "retrieve", {{"pk", 2}}));
  CHECK(author_of(link_to("authors", "retrieve", {{"pk", 2}}))
        == link_to("authors", "retrieve", {{"pk", 2}}));
  CHECK(author_of(link_to("authors", "retrieve", {{"pk", "1"}}))
        == link_to("authors", "retrieve", {{"pk", 1}}));
  CHECK(author_of(link_to("names", "retrieve", {{"name", "bob"}}))
        == link_to("authors", "retrieve", {{"pk", 2}}));
  CHECK(author_of(nullptr) == nullptr);
  auto patched =
      x.ask("notes", {{"action", "patch"}, {"pk", 1}, {"data", {{"author", 2}, {"by", 1}}}});
  CHECK(patched["data"]["author"] == link_to("authors", "retrieve", {{"pk", 2}}));
}

TEST_CASE("references that lead to nothing are refused", "[hypermedia]") {
  bench x;
  CHECK(x.refused(99) == "Not found");
  CHECK(x.refused(link_to("authors", "retrieve", {{"pk", 99}})) == "Not found");
  CHECK(x.refused(link_to("authors", "retrieve", {{"pk", "x"}})) == "Not found");
  CHECK(x.refused(link_to("names", "retrieve", {{"name", "cat"}})) == "Not found");
  CHECK(x.refused(link_to("notes", "retrieve", {{"pk", 1}})) == "Not found");
  for (const auto& value : {json("ann"), json(1.5), json::array({1}), json(true)}) {
    CHECK(x.refused(value) == "Must be either a hyper-media reference or a pk value");
  }
  for (const auto& value :
       {json::object(), json{{"stream", 1}, {"payload", json::object()}},
        json{{"stream", "authors"}}, json{{"stream", "authors"}, {"payload", 1}}}) {
    CHECK(x.refused(value) == "Must be of the format {stream: ..., payload: {..}}");
  }
  CHECK(x.refused({{"stream", "authors"}, {"payload", {{"action", nullptr}}}})
        == "must have an action key");
  CHECK(x.refused(link_to("no", "retrieve", {{"pk", 1}})) == "stream no not found.");
  CHECK(x.refused(link_to("authors", "fly", {{"pk", 1}}))
        == "action fly not supported on authors.");
  CHECK(x.refused(link_to("authors", "retrieve")) == "Incorrect lookup arguments");
  CHECK(x.refused(link_to("authors", "retrieve", {{"name", "ann"}}))
        == "Incorrect lookup arguments");
  CHECK(x.refused(link_to("authors", "retrieve", {{"pk", 1}, {"name", "ann"}}))
        == "Incorrect lookup arguments");
  CHECK(consumer_test::count_of<consumer_test::note>(x.server) == 2);
}

TEST_CASE("all errors are reported together", "[hypermedia]") {
  bench x;
  auto got = x.ask("notes", {{"action", "create"}, {"data", {{"author", 99}}}});
  CHECK(got["errors"] == json{{{"text", {"This field is required."}}, {"author", {"Not found"}}}});
}

TEST_CASE("related rows are written as keys or links", "[hypermedia]") {
  bench x;
  auto created =
      x.ask("clubs",
            {{"action", "create"},
             {"data",
              {{"name", "a"}, {"members", {1, link_to("names", "retrieve", {{"name", "bob"}})}}}}});
  CHECK(created["data"]["members"] == link_to("authors", "list", {{"pk", 1}}));
  auto members = [&]() -> dcrf::task<std::size_t> {
    co_return (co_await x.server.runtime().related<&consumer_test::club::members>(1).list()).size();
  };
  CHECK(x.server.run(members()) == 2);
  auto refused = x.ask("clubs", {{"action", "patch"}, {"pk", 1}, {"data", {{"members", {1, 99}}}}});
  CHECK(refused["errors"] == json{{{"members", {"Not found"}}}});
  CHECK(x.ask("clubs", {{"action", "patch"}, {"pk", 1}, {"data", {{"members", 1}}}})["errors"]
        == json{{{"members", {"Expected a list of items but got type \"int\"."}}}});
}

TEST_CASE("links of a list that is watched lead to the streams of its connection", "[hypermedia]") {
  bench x;
  x.server.websocket<watching_site>("/watched/");
  auto client = x.server.connect("/watched/");
  client.send(
      {{"stream", "watched"}, {"payload", {{"action", "subscribe_list"}, {"request_id", 1}}}});
  auto rows = client.receive()["payload"]["data"];
  REQUIRE(rows.size() == 2);
  CHECK(rows[0] == link_to("watched", "retrieve", {{"pk", 1}}));
  stored(x.server, note{.text = "new"});
  CHECK(client.receive()["payload"]["data"]["stream"] == "watched");
}

} // namespace consumer_test::linking
