// expect: `pagination` is private or no style of pages
// expect: `filterset_fields` is private or no list
// expect: `search_fields` is private or no list
// expect: `ordering_fields` is private or no list
// expect: `lookup` is private or no rule
#include "consumers.hpp"

class paginated : public dcrf::model_consumer<paginated, note, note_serializer> {
  using pagination = dcrf::limit_offset_pagination<>;
};

class filtered : public dcrf::model_consumer<filtered, note, note_serializer> {
  using filterset_fields = dcrf::filterset_fields<dcrf::filter_by<&note::text>>;
};

class searched : public dcrf::model_consumer<searched, note, note_serializer> {
  using search_fields = dcrf::search_fields<&note::text>;
};

class ordered : public dcrf::model_consumer<ordered, note, note_serializer> {
  using ordering_fields = dcrf::ordering_fields<&note::text>;
};

class looked_up : public dcrf::model_consumer<looked_up, note, note_serializer> {
  using lookup = dcrf::lookup_field<&note::text, "text">;
};

const auto& a = dcrf::detail::pagination_of<paginated>();
const auto& b = dcrf::detail::filters_of<filtered>();
const auto& c = dcrf::detail::filters_of<searched>();
const auto& d = dcrf::detail::filters_of<ordered>();
const auto e = looked_up::looked_up_by();
