#include <dcrf/dcrf.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

#include "models.hpp"
#include "pages.hpp"

namespace guide::actions {

using namespace std::chrono_literals;
using blog::article;
using blog::comment;

class article_consumer : public dcrf::api_consumer<article_consumer> {
public:
  // [typed]
  dcrf::task<dcrf::response> rate(std::int64_t pk, std::int32_t stars,
                                  std::optional<std::string> why) {
    if (stars < 0 || stars > 5) {
      throw dcrf::validation_error("stars", "Between 0 and 5, please.");
    }
    auto rated = co_await repository<article>().update(pk, dcrf::set<&article::rating>(stars));
    co_return dcrf::response::ok(
        dcrf::json{{"title", rated.title}, {"rating", rated.rating}, {"why", why.value_or("")}});
  }
  // [typed]

  // [struct]
  struct wanted {
    std::optional<std::string> title;
    std::optional<std::int32_t> rating;
    BOOST_DESCRIBE_CLASS(wanted, (), (title, rating), (), ())
  };

  dcrf::task<dcrf::response> search(wanted x) {
    dcrf::query<article> rows;
    if (x.title) {
      rows = rows.filter(dcrf::column<&article::title>.icontains(*x.title));
    }
    if (x.rating) {
      rows = rows.filter(dcrf::column<&article::rating> == *x.rating);
    }
    co_return dcrf::response::ok(dcrf::json(co_await repository<article>().count(rows)));
  }
  // [struct]

  // [free]
  dcrf::response echo(dcrf::json args, dcrf::request& req) {
    args["you"] = req.user().username;
    return dcrf::response::ok(args);
  }
  // [free]

  // [several]
  void count_down(std::int64_t from, dcrf::request& req) {
    for (auto i = std::min<std::int64_t>(from, 10); i > 0; --i) {
      reply(req, dcrf::response::accepted(dcrf::json(i)));
    }
    send(dcrf::json{{"lift", "off"}});
  }
  // [several]

  // [detached]
  dcrf::task<dcrf::response> digest(dcrf::request&) {
    co_await runtime().sleep(2s);
    auto number = co_await repository<article>().count({});
    co_return dcrf::response::ok(dcrf::json{{"articles", number}});
  }

  void cancel_digests() { cancel("digest"); }
  // [detached]

  // [background]
  dcrf::response remind() {
    spawn(send_reminder());
    return dcrf::response::accepted();
  }

  dcrf::task<> send_reminder() {
    co_await runtime().sleep(1min);
    send(dcrf::json{{"reminder", "Write something."}});
  }
  // [background]

  // [offload]
  dcrf::task<dcrf::response> count_words(std::string text) {
    auto work = [text = std::move(text)] { return words_in(text); };
    auto words = co_await runtime().offload(work);
    co_return dcrf::response::ok(dcrf::json(words));
  }
  // [offload]

  // [atomic]
  dcrf::task<dcrf::response> comment_all(std::int64_t article, std::vector<std::string> texts) {
    for (const auto& text : texts) {
      comment draft{.article = article, .author = user().pk, .text = text};
      co_await repository<comment>().create(draft);
      if (text.empty()) {
        throw dcrf::validation_error("A comment is empty.");
      }
    }
    co_return dcrf::response::created();
  }
  // [atomic]

  // [list]
  using actions =
      dcrf::actions<dcrf::action<&article_consumer::rate, "pk", "stars", "why">,
                    dcrf::action<&article_consumer::search>, dcrf::action<&article_consumer::echo>,
                    dcrf::action<&article_consumer::count_down, "from">,
                    dcrf::detached_action<&article_consumer::digest>,
                    dcrf::action<"digest.cancel", &article_consumer::cancel_digests>,
                    dcrf::action<&article_consumer::remind>,
                    dcrf::action<&article_consumer::count_words, "text">,
                    dcrf::atomic_action<&article_consumer::comment_all, "article", "texts">>;
  // [list]

private:
  static std::size_t words_in(const std::string& text) {
    std::size_t result = 0;
    bool is_inside = false;
    for (auto x : text) {
      result += x != ' ' && !is_inside ? 1 : 0;
      is_inside = x != ' ';
    }
    return result;
  }
};

// [inherited]
class admin_consumer : public dcrf::api_consumer<admin_consumer, article_consumer> {
public:
  using permissions = dcrf::permissions<dcrf::is_staff>;

  dcrf::response echo() { return dcrf::response::ok(dcrf::json("Not here.")); }
  dcrf::task<dcrf::response> drop_comments() {
    auto number = co_await repository<comment>().bulk_remove({});
    co_return dcrf::response::ok(dcrf::json{{"dropped", number}});
  }

  using actions = dcrf::actions<dcrf::action<&admin_consumer::echo>,
                                dcrf::action<&admin_consumer::drop_comments>>;
};
// [inherited]

// [name]
class method_consumer : public dcrf::api_consumer<method_consumer, article_consumer> {
public:
  std::optional<dcrf::json_text> action_name(const dcrf::request& req) const override {
    auto method = req.argument("method");
    return method ? std::optional{dcrf::json_text{method->to_json()}} : std::nullopt;
  }
};
// [name]

// [errors]
class paid_error : public dcrf::api_exception {
public:
  paid_error() : api_exception(402, "Only for subscribers.") {}
};

class reader_consumer : public dcrf::api_consumer<reader_consumer> {
public:
  dcrf::task<dcrf::response> read(std::int64_t pk) {
    if (!user().is_authenticated()) {
      throw dcrf::not_authenticated();
    }
    auto found = co_await repository<article>().get(pk);
    if (found.rating == 5) {
      throw paid_error();
    }
    co_return dcrf::response::ok(dcrf::json(found.text));
  }

  using actions = dcrf::actions<dcrf::action<&reader_consumer::read, "pk">>;
};
// [errors]

void add_to(dcrf::test_server& server) {
  server.websocket<article_consumer>("/ws/articles/");
  server.websocket<admin_consumer>("/ws/admin/");
  server.websocket<method_consumer>("/ws/methods/");
  server.websocket<reader_consumer>("/ws/reader/");
}

} // namespace guide::actions
