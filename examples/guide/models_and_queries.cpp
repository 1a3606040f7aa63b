#include <dcrf/dcrf.hpp>

#include <map>
#include <tuple>

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
  co_await articles.update(created.id, dcrf::set<&article::title>("Grey herons"),
                           dcrf::increment<&article::rating>(2));
  created.text = "They stand.";
  co_await articles.update<&article::text>(created);
  co_await articles.remove(created.id);
}
// [writing]

// [bulk]
dcrf::task<> tidy_up(const dcrf::runtime& within) {
  auto articles = within.repository<article>();
  auto bad = dcrf::query<article>{}.filter(dcrf::column<&article::rating> == 0);
  co_await articles.bulk_update(bad, dcrf::set<&article::status>(blog::state::draft));
  auto of_nobody = dcrf::query<comment>{}.filter(dcrf::column<&comment::author>.is_null());
  co_await within.repository<comment>().bulk_remove(of_nobody);
}
// [bulk]

// [aggregates]
struct statistics {
  std::int64_t number{};
  std::int64_t stars{};
  std::optional<double> average;
  std::optional<std::string> last_title;
  // By the name of the author.
  std::map<std::string, std::int64_t> articles_of;
};

dcrf::task<statistics> sum_up(const dcrf::runtime& within) {
  auto articles = within.repository<article>();
  auto published =
      dcrf::query<article>{}.filter(dcrf::column<&article::status> == blog::state::published);
  statistics result;
  result.average = co_await articles.avg<&article::rating>(published);
  result.last_title = co_await articles.max<&article::title>(published);
  // Several at once.
  std::tie(result.number, result.stars) =
      co_await articles.aggregate(published, dcrf::count_of<>, dcrf::sum_of<&article::rating>);
  // For each value of a column.
  auto by_author =
      co_await articles.aggregate_by<&article::author, &author::name>(published, dcrf::count_of<>);
  for (const auto& [name, values] : by_author) {
    result.articles_of[name] = std::get<0>(values);
  }
  co_return result;
}
// [aggregates]

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
      co_await articles.update(x.id, dcrf::set<&article::status>(blog::state::published));
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
    auto sums = co_await sum_up(runtime());
    bool are_summed = sums.number == 2 && sums.stars == 8 && sums.average == 4.0
                      && sums.last_title == "Pike" && sums.articles_of["ann"] == 1;
    co_await write(runtime());
    co_await tidy_up(runtime());
    auto tags = co_await retag(runtime(), 1);
    co_await publish_all(runtime());
    if (!are_summed || page.pinned.id != 1 || page.number_of_best != 1 || !page.has_drafts
        || tags.size() != 1) {
      throw dcrf::not_found();
    }
    co_return dcrf::response::ok();
  }

  using actions = dcrf::actions<dcrf::action<"try", &trying_consumer::try_all>>;
};

void add_to(dcrf::test_server& server) { server.websocket<trying_consumer>("/ws/"); }

} // namespace guide::models_and_queries
