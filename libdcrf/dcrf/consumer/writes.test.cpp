#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/observer/model_observer.hpp"
#include "dcrf/testing/test_server.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Versions, computed numbers, locks and aggregates, as clients and actions see them.

namespace writes_tests {

struct shelf {
  std::int64_t id{};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(shelf, (), (id, name))

struct label {
  std::int64_t id{};
  std::string text;
};
BOOST_DESCRIBE_STRUCT(label, (), (id, text))

struct book {
  std::int64_t id{};
  std::int64_t shelf{};
  std::string title;
  std::int32_t copies = 0;
  std::int64_t revision = 0;
  dcrf::many_to_many<label> labels;
};
BOOST_DESCRIBE_STRUCT(book, (), (id, shelf, title, copies, revision, labels))

} // namespace writes_tests

template <>
struct dcrf::model<writes_tests::shelf> {
  static constexpr auto table = "shelf";
  using primary_key = dcrf::primary_key<&writes_tests::shelf::id>;
  using fields = dcrf::fields<dcrf::text_field<&writes_tests::shelf::name, dcrf::unique>>;
};

template <>
struct dcrf::model<writes_tests::label> {
  static constexpr auto table = "label";
  using primary_key = dcrf::primary_key<&writes_tests::label::id>;
};

template <>
struct dcrf::model<writes_tests::book> {
  using book = writes_tests::book;
  static constexpr auto table = "book";
  using primary_key = dcrf::primary_key<&book::id>;
  using fields =
      dcrf::fields<dcrf::foreign_key<&book::shelf, writes_tests::shelf, dcrf::on_delete::cascade>,
                   dcrf::text_field<&book::title, dcrf::max_length<10>>,
                   dcrf::field<&book::copies, dcrf::value_range<0, 9>, dcrf::defaulted>,
                   dcrf::version<&book::revision>,
                   dcrf::relation<&book::labels, dcrf::related_name<"books">, dcrf::blank>>;
};

namespace writes_tests {

using dcrf::json;

struct book_serializer : dcrf::model_serializer<book> {
  using fields =
      dcrf::shown<dcrf::field<&book::id>, dcrf::field<&book::shelf>, dcrf::field<&book::title>,
                  dcrf::field<&book::copies>, dcrf::field<&book::revision>>;
};

struct shelf_serializer : dcrf::model_serializer<shelf> {
  using fields = dcrf::shown<
      dcrf::field<&shelf::name>,
      dcrf::annotated<"books", dcrf::count_of<dcrf::referring<&book::shelf>>>,
      dcrf::annotated<"copies", dcrf::sum_of<dcrf::referring<&book::shelf>, &book::copies>>,
      dcrf::annotated<"first", dcrf::min_of<dcrf::referring<&book::shelf>, &book::title>>>;
};

struct label_serializer : dcrf::model_serializer<label> {
  using fields = dcrf::shown<
      dcrf::field<&label::text>,
      dcrf::annotated<"copies", dcrf::sum_of<dcrf::relating<&book::labels>, &book::copies>>>;
};

struct labelled_serializer : dcrf::model_serializer<book> {
  using fields = dcrf::shown<dcrf::field<&book::title>,
                             dcrf::annotated<"labels", dcrf::count_of<&book::labels>>>;
};

class book_consumer
    : public dcrf::model_consumer<book_consumer, book, book_serializer, dcrf::crud> {
public:
  dcrf::task<dcrf::response> add_copies(std::int64_t pk, std::int64_t number) {
    co_return dcrf::response::ok(
        co_await update<book_serializer>(pk, dcrf::increment<&book::copies>(number)));
  }

  // Two who have read the same row write different members.
  dcrf::task<dcrf::response> write_members(std::int64_t pk) {
    auto books = repository<book>();
    book one = co_await books.get(pk);
    one.title = " one ";
    auto shown = co_await update<book_serializer, &book::title>(one);
    one.revision = 1;
    one.copies = 7;
    co_await books.update<&book::copies>(one);
    co_return dcrf::response::ok(std::move(shown));
  }

  dcrf::task<dcrf::response> write_outdated(std::int64_t pk, bool whole) {
    auto books = repository<book>();
    book old = co_await books.get(pk);
    co_await books.update(pk, dcrf::set<&book::title>("new"));
    if (whole) {
      co_await books.update(old);
    } else {
      co_await books.update<&book::copies>(old);
    }
    co_return dcrf::response::ok();
  }

  dcrf::task<dcrf::response> rename(std::int64_t pk, std::string title) {
    co_return dcrf::response::ok(
        co_await update<book_serializer>(pk, dcrf::set<&book::title>(title)));
  }

  dcrf::task<dcrf::response> lock(std::int64_t pk) {
    book found = co_await repository<book>().get_for_update(pk);
    auto all = co_await repository<book>().list_for_update({});
    co_return dcrf::response::ok(json{{"title", found.title}, {"number", all.size()}});
  }

  dcrf::task<dcrf::response> ensure(std::string name) {
    shelf draft{.name = name};
    auto [row, is_created] = co_await repository<shelf>().get_or_create<&shelf::name>(draft);
    co_return dcrf::response::ok(json{{"id", row.id}, {"created", is_created}});
  }

  dcrf::task<dcrf::response> stock() {
    auto books = repository<book>();
    auto [number, copies] = co_await books.aggregate(dcrf::query<book>{}, dcrf::count_of<>,
                                                     dcrf::sum_of<&book::copies>);
    auto by_shelf = co_await books.aggregate_by<&book::shelf, &shelf::name>(
        dcrf::query<book>{}, dcrf::max_of<&book::copies>);
    json most = json::object();
    for (const auto& [name, values] : by_shelf) {
      most[name] = std::get<0>(values).value_or(0);
    }
    auto sum = co_await books.sum<&book::copies>({});
    auto average = co_await books.avg<&book::copies>({});
    co_return dcrf::response::ok(json{{"number", number},
                                      {"copies", copies},
                                      {"sum", sum},
                                      {"average", average.value_or(0)},
                                      {"most", most}});
  }

  dcrf::task<dcrf::response> double_all() {
    auto number = co_await repository<book>().bulk_update(
        dcrf::query<book>{}, dcrf::set<&book::copies>(dcrf::column<&book::copies> * 2));
    co_return dcrf::response::ok(json(number));
  }

  using actions =
      dcrf::actions<dcrf::action<&book_consumer::add_copies, "pk", "number">,
                    dcrf::action<&book_consumer::write_members, "pk">,
                    dcrf::action<&book_consumer::write_outdated, "pk", "whole">,
                    dcrf::action<&book_consumer::rename, "pk", "title">,
                    dcrf::action<&book_consumer::lock, "pk">,
                    dcrf::atomic_action<"lock_in_transaction", &book_consumer::lock, "pk">,
                    dcrf::action<&book_consumer::ensure, "name">,
                    dcrf::action<&book_consumer::stock>, dcrf::action<&book_consumer::double_all>>;
};

class shelf_consumer : public dcrf::model_consumer<shelf_consumer, shelf, shelf_serializer,
                                                   dcrf::crud, dcrf::observe_list> {};
class label_consumer : public dcrf::model_consumer<label_consumer, label, label_serializer,
                                                   dcrf::crud, dcrf::observe_list> {};
class labelled_consumer : public dcrf::model_consumer<labelled_consumer, book, labelled_serializer,
                                                      dcrf::list_model, dcrf::observe_list> {};

struct fixture {
  fixture() : server{dcrf::schema::of<shelf, label, book>()} {
    server.websocket<book_consumer>("/books/");
    server.websocket<shelf_consumer>("/shelves/");
    server.websocket<label_consumer>("/labels/");
    server.websocket<labelled_consumer>("/labelled/");
    auto fill = [this]() -> dcrf::task<> {
      shelf first{.name = "a"};
      co_await server.runtime().repository<shelf>().create(first);
      book one{.shelf = 1, .title = "Eels", .copies = 3};
      co_await server.runtime().repository<book>().create(one);
    };
    server.run(fill());
    client.emplace(server.connect("/books/"));
  }

  json ask(json request) {
    client->send(request);
    return client->receive();
  }
  json ask(const std::string& action, json arguments) {
    arguments["action"] = action;
    return ask(std::move(arguments));
  }
  json data_of(const std::string& action, json arguments) {
    auto reply = ask(action, std::move(arguments));
    INFO(reply);
    CHECK(reply["errors"].empty());
    return reply["data"];
  }

  dcrf::test_server server;
  std::optional<dcrf::test_session> client;
};

TEST_CASE_METHOD(fixture, "a write for an older version is answered with 409", "[writes]") {
  auto row = data_of("patch", {{"pk", 1}, {"data", {{"title", "Pike"}, {"revision", 0}}}});
  CHECK(row["revision"] == 1);
  for (const auto* action : {"patch", "update"}) {
    auto refused =
        ask(action, {{"pk", 1}, {"data", {{"shelf", 1}, {"title", "Late"}, {"revision", 0}}}});
    CHECK(refused["response_status"] == 409);
    CHECK(refused["errors"] == json{"The row has changed meanwhile."});
    CHECK(refused["data"] == nullptr);
  }
  // The version is looked at before the rest of the input.
  auto wrong = ask("patch", {{"pk", 1}, {"data", {{"shelf", 99}, {"revision", 0}}}});
  CHECK(wrong["response_status"] == 409);
  CHECK(data_of("retrieve", {{"pk", 1}})["title"] == "Pike");

  // Without a version, whatever was there.
  CHECK(data_of("update", {{"pk", 1}, {"data", {{"shelf", 1}, {"title", "x"}}}})["revision"] == 2);
  CHECK(ask("patch", {{"pk", 1}, {"data", {{"revision", "2a"}}}})["errors"]
        == json::parse(R"([{"revision": ["A valid integer is required."]}])"));
  CHECK(data_of("patch", {{"pk", 1}, {"data", {{"revision", "2"}}}})["revision"] == 3);
}

TEST_CASE_METHOD(fixture, "a new row begins at the version of its struct", "[writes]") {
  auto row = data_of("create", {{"data", {{"shelf", 1}, {"title", "x"}, {"revision", 40}}}});
  CHECK(row["revision"] == 0);
}

TEST_CASE_METHOD(fixture, "an action writes the members that it names", "[writes]") {
  auto row = data_of("write_members", {{"pk", 1}});
  CHECK(row["title"] == "one");
  CHECK(row["copies"] == 3);
  auto stored = data_of("retrieve", {{"pk", 1}});
  CHECK(stored["title"] == "one");
  CHECK(stored["copies"] == 7);

  CHECK(ask("rename", {{"pk", 1}, {"title", "longer than ten"}})["errors"]
        == json::parse(R"([{"title": ["Ensure this field has no more than 10 characters."]}])"));
  CHECK(data_of("rename", {{"pk", 1}, {"title", "short"}})["title"] == "short");
}

TEST_CASE_METHOD(fixture, "a row that was read is not written over a newer one", "[writes]") {
  for (bool whole : {true, false}) {
    auto refused = ask("write_outdated", {{"pk", 1}, {"whole", whole}});
    CHECK(refused["response_status"] == 409);
  }
  CHECK(data_of("retrieve", {{"pk", 1}})["title"] == "new");
}

TEST_CASE_METHOD(fixture, "numbers that actions compute keep their bounds", "[writes]") {
  CHECK(data_of("add_copies", {{"pk", 1}, {"number", 6}})["copies"] == 9);
  auto refused = ask("add_copies", {{"pk", 1}, {"number", 1}});
  CHECK(refused["response_status"] == 400);
  CHECK(refused["errors"]
        == json::parse(R"([{"copies": ["Ensure this value is less than or equal to 9."]}])"));
  CHECK(ask("add_copies", {{"pk", 7}, {"number", 1}})["response_status"] == 404);
  CHECK(ask("double_all", json::object())["response_status"] == 400);
  data_of("add_copies", {{"pk", 1}, {"number", -7}});
  CHECK(data_of("double_all", json::object()) == 1);
  CHECK(data_of("retrieve", {{"pk", 1}})["copies"] == 4);
}

TEST_CASE_METHOD(fixture, "rows are locked within a transaction only", "[writes]") {
  CHECK(ask("lock", {{"pk", 1}})["response_status"] == 500);
  CHECK(data_of("lock_in_transaction", {{"pk", 1}}) == json{{"title", "Eels"}, {"number", 1}});
  CHECK(ask("lock_in_transaction", {{"pk", 2}})["response_status"] == 404);
}

TEST_CASE_METHOD(fixture, "an action creates a row unless it is there", "[writes]") {
  CHECK(data_of("ensure", {{"name", "a"}}) == json{{"id", 1}, {"created", false}});
  CHECK(data_of("ensure", {{"name", "b"}}) == json{{"id", 2}, {"created", true}});
  CHECK(data_of("ensure", {{"name", "b"}}) == json{{"id", 2}, {"created", false}});
}

TEST_CASE_METHOD(fixture, "actions sum up rows", "[writes]") {
  data_of("create", {{"data", {{"shelf", 1}, {"title", "x"}, {"copies", 5}}}});
  CHECK(data_of("stock", json::object())
        == json{{"number", 2}, {"copies", 8}, {"sum", 8}, {"average", 4.0}, {"most", {{"a", 5}}}});
}

TEST_CASE_METHOD(fixture, "serializers show what belongs to rows as sums", "[writes]") {
  auto shelves = server.connect("/shelves/");
  shelves.send({{"action", "create"}, {"data", {{"name", "b"}, {"books", 9}}}});
  CHECK(shelves.receive()["data"]
        == json{{"name", "b"}, {"books", 0}, {"copies", 0}, {"first", nullptr}});
  data_of("create", {{"data", {{"shelf", 1}, {"title", "Carp"}, {"copies", 5}}}});
  shelves.send({{"action", "list"}});
  CHECK(shelves.receive()["data"]
        == json{{{"name", "a"}, {"books", 2}, {"copies", 8}, {"first", "Carp"}},
                {{"name", "b"}, {"books", 0}, {"copies", 0}, {"first", nullptr}}});
}

TEST_CASE_METHOD(fixture, "lists follow the sums that they show", "[writes]") {
  auto shelves = server.connect("/shelves/");
  shelves.send({{"action", "subscribe_list"}, {"request_id", "s"}});
  CHECK(shelves.receive()["data"][0]["copies"] == 3);
  data_of("add_copies", {{"pk", 1}, {"number", 1}});
  CHECK(shelves.receive()["data"]["copies"] == 4);
  data_of("create", {{"data", {{"shelf", 1}, {"title", "x"}, {"copies", 5}}}});
  CHECK(shelves.receive()["data"]["books"] == 2);

  auto relate = [this](std::int64_t book_pk) -> dcrf::task<> {
    co_await server.runtime().related<&book::labels>(book_pk).add(1);
  };
  auto labels = server.connect("/labels/");
  labels.send({{"action", "create"}, {"data", {{"text", "fish"}}}});
  CHECK(labels.receive()["data"] == json{{"text", "fish"}, {"copies", 0}});
  auto labelled = server.connect("/labelled/");
  labelled.send({{"action", "subscribe_list"}, {"request_id", "b"}});
  CHECK(labelled.receive()["data"][0]["labels"] == 0);
  labels.send({{"action", "subscribe_list"}, {"request_id", "l"}});
  labels.receive();
  server.run(relate(1));
  CHECK(labels.receive()["data"]["copies"] == 4);
  CHECK(labelled.receive()["data"]["labels"] == 1);
  data_of("add_copies", {{"pk", 1}, {"number", 2}});
  CHECK(labels.receive()["data"]["copies"] == 6);
}

} // namespace writes_tests
