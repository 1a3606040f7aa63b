#include <dcrf/dcrf.hpp>

#include "models.hpp"
#include "pages.hpp"

namespace guide::pagination {

using blog::article;
using blog::article_serializer;

// [limit-offset]
class article_consumer
    : public dcrf::model_consumer<article_consumer, article, article_serializer, dcrf::list_model> {
public:
  using pagination = dcrf::limit_offset_pagination<dcrf::default_limit<2>, dcrf::max_limit<100>>;
};
// [limit-offset]

// [page-number]
class paged_consumer
    : public dcrf::model_consumer<paged_consumer, article, article_serializer, dcrf::list_model> {
public:
  using pagination = dcrf::page_number_pagination<dcrf::page_size<2>, dcrf::max_page_size<50>>;
};
// [page-number]

// [cursor]
class best_consumer
    : public dcrf::model_consumer<best_consumer, article, article_serializer, dcrf::list_model> {
public:
  using pagination =
      dcrf::cursor_pagination<dcrf::ordered_by_descending<&article::rating>, dcrf::page_size<2>>;
};
// [cursor]

// [streamed]
class archive_consumer : public dcrf::model_consumer<archive_consumer, article, article_serializer,
                                                     dcrf::streamed_list_model> {
public:
  using pagination = dcrf::limit_offset_pagination<dcrf::default_limit<2>>;
};
// [streamed]

void add_to(dcrf::test_server& server) {
  server.websocket<article_consumer>("/ws/articles/");
  server.websocket<paged_consumer>("/ws/paged/");
  server.websocket<best_consumer>("/ws/best/");
  server.websocket<archive_consumer>("/ws/archive/");
}

} // namespace guide::pagination
