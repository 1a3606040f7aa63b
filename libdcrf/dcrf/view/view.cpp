#include "dcrf/view/view.hpp"

#include <utility>

namespace dcrf {

view::~view() = default;

task<view_response> detail::as_task(view_response x) { co_return std::move(x); }

} // namespace dcrf
