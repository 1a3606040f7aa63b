#include <dcrf/dcrf.hpp>

#include "models.hpp"
#include "pages.hpp"

namespace guide::models_and_queries {

using blog::article;
using blog::author;
using blog::comment;
using blog::tag;

// [queries]
// Of the best articles the third to the twelfth, the newest first.
dcrf::query<article> best() {
  auto is_good = dcrf::column<&article::rating> >= 4;
  auto is_by_ann = dcrf::column<&article::author, &author::name> == "ann";
  auto is_about_birds = dcrf::related_to<&article::tags>("birds");
  return dcrf::query<article>{}
      .filter(is_good && (is_by_ann || is_about_birds))
      .exclude(dcrf::column<&article::title>.startswith("Re: "))
      .order_by_descending<&article::created_at>()
      .slice(2, 10);
}
// [queries]

// [reading]
struct front_page {
  article pinned;
  std::optional<article> teaser;
  std::optional<article> newest;
  std::vector<article> best_ones;
  std::int64_t number_of_best{};
  bool has_drafts{};
};

dcrf::task<front_page> load(const dcrf::runtime& within) {
  auto articles = within.repository<article>();
  auto drafts = dcrf::query<article>{}.filter(dcrf::column<&article::status> == blog::state::draft);
  front_page result;
  result.pinned = co_await articles.get(1);
  result.teaser = co_await articles.find(2);
  result.newest = co_await articles.first(best());
  result.best_ones = co_await articles.list(best());
  result.number_of_best = co_await articles.count(best());
  result.has_drafts = co_await articles.exists(drafts);
  co_return result;
}
// [reading]

// [writing]
dcrf::task<> write(const dcrf::runtime& within) {
  auto articles = within.repository<article>();
  article draft{.title = "Herons", .author = 1};
  article created = co_await articles.create(draft);
  created.rating = 5;
  co_await articles.update(created);
  co_await articles.remove(created.id);
}
// [writing]

// [bulk]
dcrf::task<> tidy_up(const dcrf::runtime& within) {
  auto articles = within.repository<article>();
  auto bad = dcrf::query<article>{}.filter(dcrf::column<&article::rating> == 0);
  co_await articles.bulk_update<&article::status>(bad, blog::state::draft);
  auto of_nobody = dcrf::query<comment>{}.filter(dcrf::column<&comment::author>.is_null());
  co_await within.repository<comment>().bulk_remove(of_nobody);
}
// [bulk]

// [relations]
dcrf::task<std::vector<tag>> retag(const dcrf::runtime& within, std::int64_t article_pk) {
  auto tags = within.related<&article::tags>(article_pk);
  if (!co_await tags.contains("birds")) {
    tag birds{.name = "birds"};
    co_await within.repository<tag>().create(birds);
    co_await tags.add("birds");
  }
  co_await tags.remove("fish");
  co_return co_await tags.list();
}
// [relations]

// [transaction]
dcrf::task<> publish_all(const dcrf::runtime& within) {
  auto body = [&within]() -> dcrf::task<> {
    auto articles = within.repository<article>();
    for (auto& x : co_await articles.list({})) {
      x.status = blog::state::published;
      co_await articles.update(x);
    }
  };
  co_await within.atomic(body);
}
// [transaction]

// Whether all of these find what they should.
class trying_consumer : public dcrf::api_consumer<trying_consumer> {
public:
  dcrf::task<dcrf::response> try_all() {
    auto page = co_await load(runtime());
    co_await write(runtime());
    co_await tidy_up(runtime());
    auto tags = co_await retag(runtime(), 1);
    co_await publish_all(runtime());
    if (page.pinned.id != 1 || page.number_of_best != 1 || !page.has_drafts || tags.size() != 1) {
      throw dcrf::not_found();
    }
    co_return dcrf::response::ok();
  }

  using actions = dcrf::actions<dcrf::action<"try", &trying_consumer::try_all>>;
};

void add_to(dcrf::test_server& server) { server.websocket<trying_consumer>("/ws/"); }

} // namespace guide::models_and_queries
