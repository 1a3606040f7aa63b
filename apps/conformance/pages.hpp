#pragma once

#include "dcrf/consumer/model_consumer.hpp"

#include <cstdint>
#include <optional>

#include "conformance/models.hpp"

namespace conformance {

struct item_serializer : dcrf::model_serializer<item> {
  using fields = dcrf::all_fields;
};

struct rank_arguments {
  std::optional<double> min_rank;
};
BOOST_DESCRIBE_STRUCT(rank_arguments, (), (min_rank))

/// The items that have at least the rank asked for, which may be any number.
dcrf::query<item> items_of_rank(const rank_arguments& args);

/// Lists items, in the pages that `Self` declares.
template <class Self, class... Mixins>
class item_consumer : public dcrf::model_consumer<Self, item, item_serializer, Mixins...> {
protected:
  dcrf::query<item> queryset(const dcrf::request& req) const override {
    return items_of_rank(dcrf::read_arguments<rank_arguments>(req));
  }
};

struct paginated_consumer
    : item_consumer<paginated_consumer, dcrf::list_model, dcrf::observe_list> {
  using filterset_fields =
      dcrf::filterset_fields<dcrf::filter_by<&item::rank, "exact", "gte", "lt">,
                             dcrf::filter_by<&item::name>>;
  using ordering_fields = dcrf::ordering_fields<&item::rank, &item::name, &item::id>;
  using pagination = dcrf::limit_offset_pagination<dcrf::default_limit<5>, dcrf::max_limit<10>>;
};

struct unlimited_consumer : item_consumer<unlimited_consumer, dcrf::list_model> {
  using pagination = dcrf::limit_offset_pagination<>;
};

struct unpaginated_consumer : item_consumer<unpaginated_consumer, dcrf::list_model> {};

/// Sends page after page, and answers other requests in between.
class streamed_consumer : public item_consumer<streamed_consumer, dcrf::streamed_list_model> {
public:
  using pagination = dcrf::limit_offset_pagination<dcrf::default_limit<3>>;

  dcrf::response ping();

  using actions = dcrf::actions<dcrf::action<"ping", &streamed_consumer::ping>>;
};

/// Takes its time before each page.
class slow_streamed_consumer
    : public dcrf::api_consumer<slow_streamed_consumer, streamed_consumer> {
protected:
  dcrf::task<> perform_list(dcrf::request& req) override;
};

} // namespace conformance
