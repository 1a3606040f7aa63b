// expect: `ordering_fields` lists members of the class's own model
// expect: `filterset_fields` lists filter_by<> of members of the class's own model
// expect: cursor_pagination<> orders by members of the class's own model
// expect: lookup_field<> wants a member of the class's own model
#include "consumers.hpp"

struct ordered : dcrf::model_consumer<ordered, note, note_serializer> {
  using ordering_fields = dcrf::ordering_fields<&person::name>;
};

struct filtered : dcrf::model_consumer<filtered, note, note_serializer> {
  using filterset_fields = dcrf::filterset_fields<dcrf::filter_by<&person::name>>;
};

struct paginated : dcrf::model_consumer<paginated, note, note_serializer> {
  using pagination = dcrf::cursor_pagination<dcrf::ordered_by<&person::name>, dcrf::page_size<10>>;
};

struct looked_up : dcrf::model_consumer<looked_up, note, note_serializer> {
  using lookup = dcrf::lookup_field<&person::name, "name">;
};

const auto& b = dcrf::detail::filters_of<ordered>();
const auto& c = dcrf::detail::filters_of<filtered>();
const auto& d = dcrf::detail::pagination_of<paginated>();
const auto e = looked_up::looked_up_by();
