// expect: in upper case
#include "dcrf/view/model_view_set.hpp"

struct acting {
  dcrf::view_response act(dcrf::view_request&) { return {}; }
};

const auto& checked = dcrf::list_action<"act", &acting::act, "post">::rows;
