#include <dcrf/dcrf.hpp>
#include <nlohmann/json.hpp>

#include "models.hpp"
#include "pages.hpp"

namespace guide::model_consumers {

using blog::article;
using blog::article_serializer;
using blog::author;
using blog::state;

// [short]
struct author_serializer : dcrf::model_serializer<author> {
  using fields = dcrf::all_fields;
};

class author_consumer
    : public dcrf::model_consumer<author_consumer, author, author_serializer, dcrf::crud> {
public:
  using lookup = dcrf::lookup_field<&author::name, "name">;
};
// [short]

// [head]
struct draft_serializer : dcrf::model_serializer<article> {
  using fields = dcrf::shown<dcrf::field<&article::id>, dcrf::field<&article::title>,
                             dcrf::field<&article::text>, dcrf::field<&article::status>>;
};

class article_consumer
    : public dcrf::model_consumer<article_consumer, article, draft_serializer, dcrf::list_model,
                                  dcrf::retrieve_model, dcrf::create_model, dcrf::patch_model,
                                  dcrf::delete_model> {
public:
  using permissions = dcrf::permissions<dcrf::is_authenticated>;

  dcrf::task<> connected() override { return group_add("newsroom"); }
  // [head]

  // [actions]
  dcrf::task<dcrf::response> publish(std::int64_t pk) {
    co_return dcrf::response::ok(
        co_await update<draft_serializer>(pk, dcrf::set<&article::status>(state::published)));
  }

  using actions = dcrf::actions<dcrf::action<&article_consumer::publish, "pk">,
                                dcrf::atomic_action<"create", &article_consumer::create_row>>;
  // [actions]

protected:
  // [rows]
  dcrf::query<article> queryset(const dcrf::request& req) const override {
    auto is_own = dcrf::column<&article::author> == req.user().pk;
    auto is_published = dcrf::column<&article::status> == state::published;
    return dcrf::query<article>{}.filter(is_own || is_published).order_by<&article::title>();
  }

  const dcrf::serializer_descriptor& serializer(const dcrf::request& req) const override {
    return req.action() == "list" ? dcrf::serializer_of<article_serializer>()
                                  : dcrf::serializer_of<draft_serializer>();
  }
  // [rows]

  // [hooks]
  dcrf::task<> perform_create(dcrf::validated<article>& data, dcrf::request& req) override {
    data.set<&article::author>(req.user().pk);
    return {};
  }

  dcrf::task<> perform_update(dcrf::validated<article>& data, dcrf::request&) override {
    if (data.has<&article::title>() && data.get<&article::title>() == "Untitled") {
      throw dcrf::validation_error("title", "Find a better one.");
    }
    return {};
  }

  dcrf::task<> perform_delete(const dcrf::instance& row, dcrf::request& req) override {
    bool is_published = row.as<article>().status == state::published;
    if (is_published && !req.user().is_staff) {
      throw dcrf::permission_denied("Ask the staff.");
    }
    return {};
  }

  dcrf::task<> after_create(const dcrf::instance& row, dcrf::request&) override {
    group_send("newsroom", dcrf::json{{"new article", row.as<article>().title}});
    return {};
  }
  // [hooks]
};

void add_to(dcrf::test_server& server) {
  server.websocket<author_consumer>("/ws/authors/");
  server.websocket<article_consumer>("/ws/articles/");
}

} // namespace guide::model_consumers
