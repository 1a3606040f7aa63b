#include "dcrf/consumer/internal/test_models.hpp"
#include "dcrf/consumer/model_consumer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::json;

namespace consumer_test::filtering {

struct label {
  std::int64_t id{};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(label, (), (id, name))

struct job {
  std::int64_t id{};
  std::string title;
  dcrf::timestamp due;
  dcrf::many_to_many<label> labels;
};
BOOST_DESCRIBE_STRUCT(job, (), (id, title, due, labels))

struct step {
  std::int64_t id{};
  std::int64_t job{};
  std::string title;
};
BOOST_DESCRIBE_STRUCT(step, (), (id, job, title))

} // namespace consumer_test::filtering

template <>
struct dcrf::model<consumer_test::filtering::label> {
  static constexpr auto table = "label";
  using primary_key = dcrf::primary_key<&consumer_test::filtering::label::id>;
};

template <>
struct dcrf::model<consumer_test::filtering::job> {
  using job = consumer_test::filtering::job;
  static constexpr auto table = "job";
  using primary_key = dcrf::primary_key<&job::id>;
  using fields =
      dcrf::fields<dcrf::relation<&job::labels, dcrf::related_name<"jobs">, dcrf::blank>>;
};

template <>
struct dcrf::model<consumer_test::filtering::step> {
  using step = consumer_test::filtering::step;
  static constexpr auto table = "step";
  using primary_key = dcrf::primary_key<&step::id>;
  using fields = dcrf::fields<
      dcrf::foreign_key<&step::job, consumer_test::filtering::job, dcrf::on_delete::cascade>>;
};

namespace consumer_test::filtering {

struct job_serializer : dcrf::model_serializer<job> {
  using fields = dcrf::shown<dcrf::field<&job::id>>;
};

class jobs : public dcrf::model_consumer<jobs, job, job_serializer, dcrf::list_model> {
public:
  using filterset_fields = dcrf::filterset_fields<
      dcrf::filter_by<&job::labels, "exact", "in", "isnull">,
      dcrf::filter_by<dcrf::column<&job::labels, &label::name>, "exact", "istartswith">,
      dcrf::filter_by<dcrf::column<dcrf::referring<&step::job>, &step::title>>,
      dcrf::filter_by<dcrf::column<dcrf::referring<&step::job, "steps">>, "isnull">,
      dcrf::filter_by<&job::due, "exact", "gte", "lt", "range">, dcrf::filter_by<&job::id, "range">,
      dcrf::filter_by<&job::title, "iexact", "endswith", "iendswith", "istartswith">>;
  using search_fields = dcrf::search_fields<&job::title, dcrf::column<&job::labels, &label::name>>;
};

struct label_serializer : dcrf::model_serializer<label> {
  using fields = dcrf::shown<dcrf::field<&label::id>>;
};

class labels : public dcrf::model_consumer<labels, label, label_serializer, dcrf::list_model> {
public:
  using filterset_fields = dcrf::filterset_fields<
      dcrf::filter_by<dcrf::column<dcrf::relating<&job::labels>, &job::title>>>;
};

class notes : public dcrf::model_consumer<notes, note, note_serializer, dcrf::list_model,
                                          dcrf::retrieve_model> {
public:
  using filterset_fields = dcrf::filterset_fields<
      dcrf::filter_by<&note::text>, dcrf::filter_by<&note::author, "exact", "in", "isnull">,
      dcrf::filter_by<&note::id, "gt", "lte">,
      dcrf::filter_by<dcrf::column<&note::author, &author::name>, "icontains">>;
  using search_fields =
      dcrf::search_fields<&note::text, dcrf::column<&note::author, &author::name>>;
  using ordering_fields =
      dcrf::ordering_fields<&note::text, dcrf::column<&note::author, &author::name>>;
};

struct bench {
  bench() {
    server.websocket<notes>("/notes/");
    stored(server, author{.name = "Ann"});
    stored(server, author{.name = "Bob"});
    stored(server, note{.text = "red apple", .author = 1});
    stored(server, note{.text = "green apple", .author = 2});
    stored(server, note{.text = "red herring", .author = 2});
    stored(server, note{.text = "50% off"});
  }

  json list(json arguments) {
    auto client = server.connect("/notes/");
    arguments["action"] = "list";
    client.send(arguments);
    return client.receive();
  }

  json ids(json arguments) {
    auto result = json::array();
    auto reply = list(std::move(arguments));
    for (const auto& x : reply["data"]) {
      result.push_back(x["id"]);
    }
    return result;
  }

  dcrf::test_server server{all_models()};
};

// Jobs 1 (urgent, big), 2 (big) and 3, due on the first days of 2024; 1 has two steps, 2 one.
struct job_bench {
  job_bench() {
    server.websocket<jobs>("/jobs/");
    server.websocket<labels>("/labels/");
    stored(server, label{.name = "Urgent"});
    stored(server, label{.name = "big"});
    for (const auto* due :
         {"2024-01-01T23:59:59Z", "2024-01-02T00:00:00Z", "2024-01-03T10:00:00Z"}) {
      auto is_first = std::string_view{due}.starts_with("2024-01-01");
      stored(server,
             job{.title = is_first ? "Ärger" : "plan", .due = *dcrf::timestamp::parse(due)});
    }
    auto relate = [this]() -> dcrf::task<> {
      co_await server.runtime().related<&job::labels>(1).add(1);
      co_await server.runtime().related<&job::labels>(1).add(2);
      co_await server.runtime().related<&job::labels>(2).add(2);
    };
    server.run(relate());
    stored(server, step{.job = 1, .title = "begin"});
    stored(server, step{.job = 1, .title = "end"});
    stored(server, step{.job = 2, .title = "begin"});
  }

  json list(const std::string& path, json arguments) {
    auto client = server.connect(path);
    arguments["action"] = "list";
    client.send(arguments);
    return client.receive();
  }

  json ids(const json& arguments, const std::string& path = "/jobs/") {
    auto result = json::array();
    auto reply = list(path, arguments);
    for (const auto& x : reply["data"]) {
      result.push_back(x["id"]);
    }
    return result;
  }

  dcrf::test_server server{dcrf::schema::of<label, job, step>()};
};

TEST_CASE_METHOD(job_bench, "a list is filtered by rows that belong to its rows", "[filters]") {
  CHECK(ids({{"labels", 2}}) == json{1, 2});
  CHECK(ids({{"labels", "1"}}) == json{1});
  CHECK(ids({{"labels__in", {1, 2}}}) == json{1, 2});
  CHECK(ids({{"labels__isnull", true}}) == json{3});
  CHECK(ids({{"labels__isnull", "0"}}) == json{1, 2});
  CHECK(ids({{"labels__name", "big"}}) == json{1, 2});
  CHECK(ids({{"labels__name", "big"}, {"labels", 1}}) == json{1});
  CHECK(ids({{"labels__name__istartswith", "u"}}) == json{1});
  CHECK(ids({{"step__title", "begin"}}) == json{1, 2});
  CHECK(ids({{"step__title", "end"}}) == json{1});
  CHECK(ids({{"steps__isnull", true}}) == json{3});
  CHECK(ids({{"search", "URG"}}) == json{1});
  CHECK(ids({{"search", "big plan"}}) == json{2});
  CHECK(ids({{"jobs__title", "plan"}}, "/labels/") == json{2});
  CHECK(list("/jobs/", {{"labels", "x"}, {"labels__in", {true}}})["errors"][0]
        == json{{"labels", {"A valid integer is required."}},
                {"labels__in", {"A valid integer is required."}}});
}

TEST_CASE_METHOD(job_bench, "a day bounds times from its midnight on", "[filters]") {
  CHECK(ids({{"due__gte", "2024-01-02"}}) == json{2, 3});
  CHECK(ids({{"due__gte", "2024-01-02T00:00"}}) == json{2, 3});
  CHECK(ids({{"due__lt", "2024-01-02"}}) == json{1});
  CHECK(ids({{"due", "2024-01-02"}}) == json{2});
  CHECK(ids({{"due__range", "2024-01-02,2024-01-03"}}) == json{2});
  CHECK(list("/jobs/", {{"due__gte", "2024-01"}})["response_status"] == 400);
}

TEST_CASE_METHOD(job_bench, "a range has two values", "[filters]") {
  CHECK(ids({{"id__range", "2,3"}}) == json{2, 3});
  CHECK(ids({{"id__range", {1, 2}}}) == json{1, 2});
  CHECK(ids({{"id__range", {3, 1}}}) == json::array());
  for (const auto& wrong : {json{1}, json{1, 2, 3}, json("2")}) {
    CHECK(list("/jobs/", {{"id__range", wrong}})["errors"][0]["id__range"][0]
          == "Range query expects two values.");
  }
}

TEST_CASE_METHOD(job_bench, "texts are filtered without regard to case", "[filters]") {
  CHECK(ids({{"title__iexact", "ÄRGER"}}) == json{1});
  CHECK(ids({{"title__istartswith", "är"}}) == json{1});
  CHECK(ids({{"title__endswith", "an"}}) == json{2, 3});
  CHECK(ids({{"title__endswith", "AN"}}) == json::array());
  CHECK(ids({{"title__iendswith", "AN"}}) == json{2, 3});
}

TEST_CASE("declared fields filter a list", "[filters]") {
  bench x;
  CHECK(x.ids({}) == json{1, 2, 3, 4});
  CHECK(x.ids({{"text", "red apple"}}) == json{1});
  CHECK(x.ids({{"author", 2}}) == json{2, 3});
  CHECK(x.ids({{"author", "2"}}) == json{2, 3});
  CHECK(x.ids({{"author", 2}, {"id__gt", 2}}) == json{3});
  CHECK(x.ids({{"id__lte", 2}}) == json{1, 2});
  CHECK(x.ids({{"author__in", {1, 7}}}) == json{1});
  CHECK(x.ids({{"author__in", json::array()}}) == json::array());
  CHECK(x.ids({{"author__in", "1,7"}}) == json{1});
  CHECK(x.ids({{"author__isnull", "true"}}) == json{4});
  CHECK(x.ids({{"author__isnull", true}}) == json{4});
  CHECK(x.ids({{"author__isnull", false}}) == json{1, 2, 3});
  CHECK(x.ids({{"author__name__icontains", "BO"}}) == json{2, 3});
}

TEST_CASE("what is not declared, null or blank does not filter", "[filters]") {
  bench x;
  CHECK(x.ids({{"id", 1}}).size() == 4);
  CHECK(x.ids({{"text__icontains", "red"}}).size() == 4);
  CHECK(x.ids({{"text", ""}, {"author", nullptr}}).size() == 4);
}

TEST_CASE("operands of the wrong type are named, all of them", "[filters]") {
  bench x;
  auto reply = x.list(
      {{"author", true}, {"id__gt", "x"}, {"author__isnull", 3}, {"author__in", 3}, {"text", {1}}});
  CHECK(reply["response_status"] == 400);
  auto errors = reply["errors"][0];
  CHECK(errors["author"] == json{"Incorrect type. Expected pk value, received bool."});
  CHECK(errors["id__gt"] == json{"A valid integer is required."});
  CHECK(errors["author__isnull"] == json{"Must be a valid boolean."});
  CHECK(errors["author__in"] == json{"Expected a list of items."});
  CHECK(errors["text"] == json{"Not a valid string."});
}

TEST_CASE("every word has to be in one of the search fields", "[filters]") {
  bench x;
  CHECK(x.ids({{"search", "apple"}}) == json{1, 2});
  CHECK(x.ids({{"search", " RED  bob "}}) == json{3});
  CHECK(x.ids({{"search", "apple,ann"}}) == json{1});
  CHECK(x.ids({{"search", "%"}}) == json{4});
  CHECK(x.ids({{"search", "_"}}) == json::array());
  CHECK(x.ids({{"search", ""}}).size() == 4);
  CHECK(x.ids({{"search", 5}}).size() == 4);
}

TEST_CASE("a list is ordered by the declared fields that are asked for", "[filters]") {
  bench x;
  CHECK(x.ids({{"ordering", "text"}}) == json{4, 2, 1, 3});
  CHECK(x.ids({{"ordering", "-text"}}) == json{3, 1, 2, 4});
  CHECK(x.ids({{"ordering", "-author__name, text"}, {"author__isnull", false}}) == json{2, 3, 1});
  CHECK(x.ids({{"ordering", "id,password,-"}}) == json{1, 2, 3, 4});
  CHECK(x.ids({{"ordering", {"text"}}}) == json{1, 2, 3, 4});
}

TEST_CASE("filters are for lists alone", "[filters]") {
  bench x;
  auto client = x.server.connect("/notes/");
  client.send({{"action", "retrieve"}, {"pk", 1}, {"text", "other"}});
  CHECK(client.receive()["response_status"] == 200);
}

} // namespace consumer_test::filtering
