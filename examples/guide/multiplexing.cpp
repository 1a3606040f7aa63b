#include <dcrf/dcrf.hpp>

#include "models.hpp"
#include "pages.hpp"

namespace guide::multiplexing {

using blog::article;
using blog::article_serializer;
using blog::comment;
using blog::comment_serializer;

// [site]
class article_consumer
    : public dcrf::model_consumer<article_consumer, article, article_serializer, dcrf::list_model,
                                  dcrf::patch_model, dcrf::observe_instance> {};

class comment_consumer
    : public dcrf::model_consumer<comment_consumer, comment, comment_serializer, dcrf::crud> {
public:
  using permissions = dcrf::permissions<dcrf::authenticated_connection>;

  void leave() { close(4000); }

  using actions = dcrf::actions<dcrf::action<&comment_consumer::leave>>;
};

struct site : dcrf::demultiplexer<dcrf::stream<"articles", article_consumer>,
                                  dcrf::stream<"comments", comment_consumer>> {};
// [site]

void add_to(dcrf::test_server& server) {
  // [route]
  server.websocket<site>("/ws/");
  // [route]
}

} // namespace guide::multiplexing
