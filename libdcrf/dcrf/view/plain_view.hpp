#pragma once

#include "dcrf/view/view.hpp"

namespace dcrf {

/// Makes a function a view, as those of Django are: it gets requests of every method, and what it
/// throws is no answer of its own.
///
///     dcrf::view_response version(dcrf::view_request&) {
///       return dcrf::view_response::text("1.0");
///     }
///     server.view<dcrf::plain_view<&version>>("/version/");
///
/// The function takes a view_request& and returns a view_response or a task of one.
template <auto Function>
class plain_view final : public view {
public:
  task<view_response> dispatch(view_request& req) override {
    return detail::as_task(Function(req));
  }
};

} // namespace dcrf
