#include <dcrf/dcrf.hpp>

#include <algorithm>

#include "models.hpp"
#include "pages.hpp"

namespace guide::serializers {

using blog::article;
using blog::author;
using blog::comment;
using blog::state;

// [nested]
struct author_serializer : dcrf::model_serializer<author> {
  using fields = dcrf::shown<dcrf::field<&author::id>, dcrf::field<&author::name>>;
};

struct comment_serializer : dcrf::model_serializer<comment> {
  using fields = dcrf::shown<dcrf::field<&comment::text>,
                             dcrf::renamed<"by", &comment::author, &author::name>>;
};
// [nested]

// [functions]
void refuse_shouting(const std::string& title) {
  bool has_small = std::ranges::any_of(title, [](char x) { return 'a' <= x && x <= 'z'; });
  if (!has_small) {
    throw dcrf::validation_error("Please do not shout.");
  }
}

bool is_mine(const article& x, const dcrf::serializer_context& context) {
  return context.user != nullptr && context.user->pk == dcrf::key{x.author};
}
// [functions]

// [serializer]
struct article_serializer : dcrf::model_serializer<article> {
  using fields =
      dcrf::shown<dcrf::renamed<"pk", &article::id>,
                  dcrf::field<&article::title, dcrf::validated_by<&refuse_shouting>>,
                  dcrf::field<&article::text, dcrf::write_only>, dcrf::field<&article::status>,
                  dcrf::field<&article::rating, dcrf::read_only>, dcrf::field<&article::tags>,
                  dcrf::nested<&article::author, author_serializer>,
                  dcrf::referrers<"last_comments", &comment::article, comment_serializer,
                                  dcrf::ordered_by_descending<&comment::id>, dcrf::limited<2>>,
                  dcrf::computed<"mine", &is_mine>>;

  static void validate(const dcrf::validated<article>& data, const dcrf::serializer_context&) {
    bool is_published =
        data.has<&article::status>() && data.get<&article::status>() == state::published;
    if (is_published && data.has<&article::text>() && data.get<&article::text>().empty()) {
      throw dcrf::validation_error("text", "What is published has a text.");
    }
  }

  static void prepare(dcrf::validated<article>& data, const dcrf::serializer_context& context) {
    if (context.action == "create") {
      data.set<&article::author>(context.user->pk);
    }
  }
};
// [serializer]

// [depth]
struct whole_comment_serializer : dcrf::model_serializer<comment> {
  using fields = dcrf::shown<dcrf::field<&comment::author>, dcrf::field<&comment::text>>;
  static constexpr int depth = 1;
};
// [depth]

// [by-hand]
class comment_consumer
    : public dcrf::model_consumer<comment_consumer, comment, whole_comment_serializer,
                                  dcrf::retrieve_model> {
public:
  dcrf::task<dcrf::response> say(std::int64_t article, std::string text) {
    comment draft{.article = article, .author = user().pk, .text = text};
    co_return dcrf::response::created(co_await create<comment_serializer>(draft));
  }

  using actions = dcrf::actions<dcrf::action<&comment_consumer::say, "article", "text">>;
};
// [by-hand]

class article_consumer
    : public dcrf::model_consumer<article_consumer, article, article_serializer, dcrf::crud> {
public:
  using permissions = dcrf::permissions<dcrf::is_authenticated>;
};

// [sums]
struct summed_serializer : dcrf::model_serializer<article> {
  using fields = dcrf::shown<
      dcrf::field<&article::title>,
      dcrf::annotated<"comments", dcrf::count_of<dcrf::referring<&comment::article>>>,
      dcrf::annotated<"last", dcrf::max_of<dcrf::referring<&comment::article>, &comment::text>>,
      dcrf::annotated<"tags", dcrf::count_of<&article::tags>>>;
};
// [sums]

class summed_consumer
    : public dcrf::model_consumer<summed_consumer, article, summed_serializer, dcrf::list_model> {};

void add_to(dcrf::test_server& server) {
  server.websocket<summed_consumer>("/ws/sums/");
  server.websocket<article_consumer>("/ws/articles/");
  server.websocket<comment_consumer>("/ws/comments/");
}

} // namespace guide::serializers
