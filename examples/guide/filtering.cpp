#include <dcrf/dcrf.hpp>

#include "models.hpp"
#include "pages.hpp"

namespace guide::filtering {

using blog::article;
using blog::article_serializer;
using blog::author;

// [consumer]
class article_consumer
    : public dcrf::model_consumer<article_consumer, article, article_serializer, dcrf::list_model> {
public:
  using filterset_fields = dcrf::filterset_fields<
      dcrf::filter_by<&article::status>, dcrf::filter_by<&article::rating, "exact", "gte", "in">,
      dcrf::filter_by<&article::tags>,
      dcrf::filter_by<dcrf::column<&article::author, &author::name>, "exact", "icontains">>;
  using search_fields = dcrf::search_fields<&article::title, &article::text,
                                            dcrf::column<&article::author, &author::name>>;
  using ordering_fields = dcrf::ordering_fields<&article::title, &article::rating>;
};
// [consumer]

// [queryset]
class narrow_consumer : public dcrf::model_consumer<narrow_consumer, article, article_serializer,
                                                    dcrf::list_model, dcrf::retrieve_model> {
public:
  struct narrowing {
    std::optional<std::string> tag;
    BOOST_DESCRIBE_CLASS(narrowing, (), (tag), (), ())
  };

protected:
  dcrf::query<article> queryset(const dcrf::request& req) const override {
    dcrf::query<article> rows;
    if (auto tag = dcrf::read_arguments<narrowing>(req).tag) {
      rows = rows.filter(dcrf::related_to<&article::tags>(*tag));
    }
    return rows;
  }
};
// [queryset]

void add_to(dcrf::test_server& server) {
  server.websocket<article_consumer>("/ws/articles/");
  server.websocket<narrow_consumer>("/ws/narrow/");
}

} // namespace guide::filtering
