#include <dcrf/dcrf.hpp>

#include "models.hpp"
#include "pages.hpp"

namespace guide::throttling {

using blog::comment;
using blog::comment_serializer;

// [consumer]
class comment_consumer : public dcrf::model_consumer<comment_consumer, comment, comment_serializer,
                                                     dcrf::list_model, dcrf::create_model> {
public:
  using throttles = dcrf::throttles<dcrf::connection_rate<"2/s">, dcrf::user_rate<"1000/day">,
                                    dcrf::anonymous_rate<"20/min">>;
};
// [consumer]

// [own]
class feed_consumer : public dcrf::api_consumer<feed_consumer> {
public:
  void refresh() { throw dcrf::throttled(std::chrono::seconds{30}); }

  using actions = dcrf::actions<dcrf::action<&feed_consumer::refresh>>;
};
// [own]

void add_to(dcrf::test_server& server) {
  server.websocket<comment_consumer>("/ws/comments/");
  server.websocket<feed_consumer>("/ws/feed/");
}

} // namespace guide::throttling
