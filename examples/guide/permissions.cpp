#include <dcrf/dcrf.hpp>

#include "models.hpp"
#include "pages.hpp"

namespace guide::permissions {

using blog::article;
using blog::article_serializer;

// [own]
struct is_reading_permission : dcrf::permission {
  bool has_permission(const dcrf::request& req) const {
    return req.action() == "list" || req.action() == "retrieve";
  }
};
inline constexpr is_reading_permission is_reading{};

struct has_invitation_permission : dcrf::permission {
  bool has_permission(const dcrf::request& req) const {
    auto given = req.argument("invitation");
    return given && given->type() == dcrf::json_type::text && given->text() == "heron";
  }
};
inline constexpr has_invitation_permission has_invitation{};
// [own]

// [handshake]
struct speaks_version_2_permission : dcrf::permission {
  bool can_connect(const dcrf::scope& connection) const {
    return connection.query("version") == "2";
  }
};
inline constexpr speaks_version_2_permission speaks_version_2{};
// [handshake]

// [object]
struct is_author_permission : dcrf::permission {
  bool has_object_permission(const dcrf::request& req, const dcrf::instance& row) const {
    return req.user().pk == dcrf::key{row.as<article>().author};
  }
};
inline constexpr is_author_permission is_author{};
// [object]

// [consumer]
class article_consumer
    : public dcrf::model_consumer<article_consumer, article, article_serializer, dcrf::list_model,
                                  dcrf::patch_model, dcrf::delete_model, dcrf::observe_instance> {
public:
  using permissions =
      dcrf::permissions<speaks_version_2,
                        is_reading || dcrf::is_staff || (dcrf::is_authenticated && is_author)>;
};

class invited_consumer
    : public dcrf::model_consumer<invited_consumer, article, article_serializer, dcrf::list_model> {
public:
  using permissions = dcrf::permissions<dcrf::authenticated_connection, has_invitation>;
};
// [consumer]

void add_to(dcrf::test_server& server) {
  server.websocket<article_consumer>("/ws/articles/");
  server.websocket<invited_consumer>("/ws/invited/");
}

} // namespace guide::permissions
