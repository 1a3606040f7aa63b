// [includes]
#include <catch2/catch.hpp>
#include <dcrf/dcrf.hpp>
#include <dcrf/testing/test_server.hpp>
#include <nlohmann/json.hpp>
// [includes]

#include "models.hpp"

namespace guide::testing {

using blog::article;
using blog::author;
using blog::comment;
using blog::tag;

// [consumer]
class article_consumer
    : public dcrf::model_consumer<article_consumer, article, blog::article_serializer, dcrf::crud> {
public:
  using permissions = dcrf::permissions<dcrf::is_authenticated>;

  dcrf::task<> perform_create(dcrf::validated<article>& data, dcrf::request& req) override {
    data.set<&article::author>(req.user().pk);
    return {};
  }
};
// [consumer]

// [bench]
struct bench {
  bench() {
    server.websocket<article_consumer>("/ws/articles/");
    server.run(prepare());
  }

  dcrf::task<> prepare() {
    author named_ann{.name = "ann"};
    co_await server.runtime().repository<author>().create(named_ann);
  }

  dcrf::test_server server{dcrf::schema::of<author, tag, article, comment>()};
  dcrf::user_info ann{.pk = 1, .username = "ann"};
};
// [bench]

// [test]
TEST_CASE("an article belongs to whoever created it", "[guide]") {
  bench x;
  auto client = x.server.connect("/ws/articles/", x.ann);
  REQUIRE(client.is_accepted());
  client.send({{"action", "create"}, {"request_id", 1}, {"data", {{"title", "Herons"}}}});
  auto reply = client.receive();
  CHECK(reply["response_status"] == 201);
  CHECK(reply["data"]["title"] == "Herons");
  CHECK(client.is_silent());

  auto author_of = [&]() -> dcrf::task<std::int64_t> {
    auto stored = co_await x.server.runtime().repository<article>().get(1);
    co_return stored.author;
  };
  CHECK(x.server.run(author_of()) == 1);
}

TEST_CASE("strangers get no article", "[guide]") {
  bench x;
  auto client = x.server.connect("/ws/articles/");
  client.send({{"action", "list"}});
  CHECK(client.receive()["response_status"] == 403);
}
// [test]

} // namespace guide::testing
