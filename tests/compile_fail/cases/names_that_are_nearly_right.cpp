// expect: pages are declared by `pagination`
// expect: filters are declared by `filterset_fields`
// expect: declared by `search_fields`
// expect: by `ordering_fields`
// expect: is declared by `lookup`
// expect: is declared by `permissions`
// expect: are declared by `throttles`
// expect: actions are declared by `actions`
// expect: `authentication_classes` means nothing here
#include "consumers.hpp"

class permitted : public dcrf::api_consumer<permitted> {
  using permission = dcrf::permissions<dcrf::is_authenticated>;
};

struct throttled : dcrf::api_consumer<throttled> {
  using throttle_classes = dcrf::throttles<dcrf::user_rate<"1/min">>;
};

struct acting : dcrf::api_consumer<acting> {
  using action = dcrf::actions<>;
};

struct authenticated : dcrf::api_consumer<authenticated> {
  using authentication_classes = int;
};

struct paginated : dcrf::model_consumer<paginated, note, note_serializer> {
  using pagination_class = dcrf::limit_offset_pagination<>;
};

struct filtered : dcrf::model_consumer<filtered, note, note_serializer> {
  using filter_fields = dcrf::filterset_fields<dcrf::filter_by<&note::text>>;
};

struct searched : dcrf::model_consumer<searched, note, note_serializer> {
  using search_field = dcrf::search_fields<&note::text>;
};

class ordered : public dcrf::model_consumer<ordered, note, note_serializer> {
  using ordering_field = dcrf::ordering_fields<&note::text>;
};

struct looked_up : dcrf::model_consumer<looked_up, note, note_serializer> {
  using lookup_fields = dcrf::lookup_field<&note::text, "text">;
};

const auto& a = permitted::describe();
const auto& b = throttled::describe();
const auto& c = acting::describe();
const auto& d = authenticated::describe();
const auto& e = dcrf::detail::pagination_of<paginated>();
const auto& f = dcrf::detail::filters_of<filtered>();
const auto& g = dcrf::detail::filters_of<searched>();
const auto& h = dcrf::detail::filters_of<ordered>();
const auto i = dcrf::detail::pagination_of<looked_up>().style;
