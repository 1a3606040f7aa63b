// expect: by default a page has no more rows than at most
// expect: cursor_pagination goes by columns that are never null
// expect: a page has at least one row
// expect: streamed_list_model sends page after page
// expect: pages, filters and lookups are declared by the model_consumer itself
#include "consumers.hpp"

using dcrf::cursor_pagination;
using dcrf::default_limit;
using dcrf::limit_offset_pagination;

constexpr auto a = limit_offset_pagination<default_limit<9>, dcrf::max_limit<5>>::descriptor;
constexpr auto b =
    cursor_pagination<dcrf::ordered_by<&note::reader>, dcrf::page_size<5>>::descriptor;
constexpr auto c = limit_offset_pagination<default_limit<0>>::descriptor;

struct streaming
    : dcrf::model_consumer<streaming, note, note_serializer, dcrf::streamed_list_model> {};

class hidden : public dcrf::api_consumer<hidden> {
  using pagination = limit_offset_pagination<>;
};

const auto& d = streaming::describe();
const auto& e = hidden::describe();
