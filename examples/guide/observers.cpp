#include <dcrf/dcrf.hpp>
#include <nlohmann/json.hpp>

#include "models.hpp"
#include "pages.hpp"

namespace guide::observers {

using blog::article;
using blog::article_serializer;
using blog::comment;
using blog::comment_serializer;

// [signal]
struct maintenance : dcrf::signal {
  std::string when;
};
// [signal]

// [consumer]
class comment_consumer
    : public dcrf::model_consumer<comment_consumer, comment, comment_serializer, dcrf::crud> {
public:
  struct comment_activity : dcrf::model_observer<comment, comment_serializer> {
    using groups = dcrf::by<&comment::article>;
  };

  dcrf::task<dcrf::response> watch(std::int64_t article, dcrf::request& req) {
    co_await subscribe<comment_activity>(req, article);
    co_return dcrf::response::created();
  }

  dcrf::response unwatch(std::int64_t article, dcrf::request& req) {
    unsubscribe<comment_activity>(req, article);
    return dcrf::response::no_content();
  }
  // [consumer]

  // [handler]
  struct mentions : dcrf::model_observer<comment> {
    // A group for each name after an @ sign.
    static std::vector<std::string> groups_for(const comment& row);

    static dcrf::json_text body(const comment& row, dcrf::change_kind kind) {
      return dcrf::json{{"text", row.text}, {"what", dcrf::to_string(kind)}};
    }

    static dcrf::task<> handle(comment_consumer& self, const dcrf::observed& event) {
      if (event.message.kind == dcrf::change_kind::create) {
        self.send(event.message.body());
      }
      return {};
    }
  };

  dcrf::task<> connected() override {
    if (user().is_authenticated()) {
      co_await subscribe_nameless<mentions>(user().username);
    }
  }
  // [handler]

  // [signals]
  struct maintenances : dcrf::signal_observer<maintenance> {
    static constexpr std::string_view action = "maintenance";
    static dcrf::json_text body(const maintenance& x) { return dcrf::json{{"when", x.when}}; }
  };

  dcrf::task<dcrf::response> watch_server(dcrf::request& req) {
    co_await subscribe<maintenances>(req);
    co_return dcrf::response::created();
  }

  dcrf::response announce() {
    maintenance tonight;
    tonight.when = "tonight";
    dcrf::send_signal(runtime(), tonight);
    return dcrf::response::ok();
  }
  // [signals]

  using actions = dcrf::actions<dcrf::action<&comment_consumer::watch, "article">,
                                dcrf::action<&comment_consumer::unwatch, "article">,
                                dcrf::action<&comment_consumer::watch_server>,
                                dcrf::action<&comment_consumer::announce>>;
};

std::vector<std::string> comment_consumer::mentions::groups_for(const comment& row) {
  std::vector<std::string> result;
  auto at = row.text.find('@');
  while (at != row.text.npos) {
    auto end = std::min(row.text.find_first_of(" .,@", at + 1), row.text.size());
    result.push_back(row.text.substr(at + 1, end - at - 1));
    at = row.text.find('@', end);
  }
  return result;
}

// [instance]
struct tagged_serializer : dcrf::model_serializer<article> {
  using fields = dcrf::shown<dcrf::field<&article::id>, dcrf::field<&article::title>,
                             dcrf::field<&article::tags>>;
};

class article_consumer
    : public dcrf::model_consumer<article_consumer, article, tagged_serializer, dcrf::patch_model,
                                  dcrf::delete_model, dcrf::observe_instance> {
public:
  static constexpr bool watches_relations = true;
};
// [instance]

void add_to(dcrf::test_server& server) {
  server.websocket<comment_consumer>("/ws/comments/");
  server.websocket<article_consumer>("/ws/articles/");
}

} // namespace guide::observers
