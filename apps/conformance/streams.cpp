#include "conformance/streams.hpp"

#include "dcrf/consumer/demultiplexer.hpp"

#include <nlohmann/json.hpp>

#include "conformance/actions.hpp"
#include "conformance/comments.hpp"
#include "conformance/links.hpp"
#include "conformance/objects.hpp"
#include "conformance/pages.hpp"
#include "conformance/permissions.hpp"
#include "conformance/things.hpp"

namespace conformance {

namespace {

// Answers once, and closes its stream.
class oneshot_consumer : public dcrf::api_consumer<oneshot_consumer> {
public:
  void echo(dcrf::json args, dcrf::request& req) {
    reply(req, dcrf::response::ok(args));
    close(4002);
  }

  using actions = dcrf::actions<dcrf::action<"echo", &oneshot_consumer::echo>>;
};

struct mixed_streams
    : dcrf::demultiplexer<
          dcrf::stream<"users", user_consumer>, dcrf::stream<"comments", comment_consumer>,
          dcrf::stream<"actions", action_consumer>, dcrf::stream<"actions2", action_consumer>,
          dcrf::stream<"items", streamed_consumer>, dcrf::stream<"oneshot", oneshot_consumer>,
          dcrf::stream<"members", member_consumer>> {};

// The first stream refuses whom the second lets in.
struct half_refused_streams : dcrf::demultiplexer<dcrf::stream<"members", member_consumer>,
                                                  dcrf::stream<"actions", action_consumer>> {};

struct refused_streams : dcrf::demultiplexer<dcrf::stream<"members", member_consumer>,
                                             dcrf::stream<"others", member_consumer>> {};

struct oneshot_streams : dcrf::demultiplexer<dcrf::stream<"first", oneshot_consumer>,
                                             dcrf::stream<"second", oneshot_consumer>> {};

// The same rows, with the primary key under two names.
struct thing_streams
    : dcrf::demultiplexer<dcrf::stream<"things", thing_consumer<thing_with_pk_serializer>>,
                          dcrf::stream<"things_with_id", thing_consumer<thing_serializer>>> {};

} // namespace

void add_streams(dcrf::server& server) {
  server.websocket<mixed_streams>("/ws/mux/");
  server.websocket<half_refused_streams>("/ws/mux-refused-first/");
  server.websocket<refused_streams>("/ws/mux-refused/");
  server.websocket<oneshot_streams>("/ws/mux-oneshot/");
  server.websocket<thing_streams>("/ws");
  server.websocket<linked_streams>("/ws/hyper/");
}

} // namespace conformance
