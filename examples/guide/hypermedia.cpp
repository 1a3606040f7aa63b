#include <dcrf/dcrf.hpp>

#include "models.hpp"
#include "pages.hpp"

namespace guide::hypermedia {

using blog::article;
using blog::author;
using blog::comment;

// [serializers]
struct author_links : dcrf::model_serializer<author> {
  using fields = dcrf::shown<
      dcrf::identity<dcrf::link_lookup<"name", &author::name>>, dcrf::field<&author::name>,
      dcrf::link_to_referrers<"articles", &article::author, dcrf::link_lookup<"of", &author::id>>>;
};

struct comment_links : dcrf::model_serializer<comment> {
  using fields =
      dcrf::shown<dcrf::identity<>, dcrf::field<&comment::text>, dcrf::link<&comment::article>,
                  dcrf::link<&comment::author, dcrf::link_stream<"authors">,
                             dcrf::link_lookup<"name", &comment::author, &author::name>>>;
  using listed = dcrf::identity<>;
};
// [serializers]

struct article_links : dcrf::model_serializer<article> {
  using fields = dcrf::shown<dcrf::identity<>, dcrf::field<&article::title>>;
};

// [streams]
class author_consumer
    : public dcrf::model_consumer<author_consumer, author, author_links, dcrf::crud> {
public:
  using lookup = dcrf::lookup_field<&author::name, "name">;
};

class article_consumer : public dcrf::model_consumer<article_consumer, article, article_links,
                                                     dcrf::list_model, dcrf::retrieve_model> {};

class comment_consumer
    : public dcrf::model_consumer<comment_consumer, comment, comment_links, dcrf::crud> {};

struct site : dcrf::demultiplexer<dcrf::stream<"authors", author_consumer>,
                                  dcrf::stream<"articles", article_consumer>,
                                  dcrf::stream<"comments", comment_consumer>> {};
// [streams]

void add_to(dcrf::test_server& server) { server.websocket<site>("/ws/"); }

} // namespace guide::hypermedia
