#pragma once

#include "dcrf/runtime/task.hpp"
#include "dcrf/view/view_request.hpp"
#include "dcrf/view/view_response.hpp"

#include <functional>
#include <memory>

namespace dcrf {

/// What answers requests, over HTTP or behind a consumer. Derive from api_view or model_view_set,
/// or write a function and call it plain_view. Each request has a view of its own.
class view {
public:
  view() = default;
  view(const view&) = delete;
  view& operator=(const view&) = delete;
  virtual ~view();

  /// Answers a request, whatever its method. What it throws is for whom it was called by: over HTTP
  /// it becomes an answer, behind a consumer the `errors` of the reply.
  virtual task<view_response> dispatch(view_request& req) = 0;
};

/// Makes the view of one request.
using make_view = std::function<std::unique_ptr<view>()>;

namespace detail {

// What a handler returned, as a task.
inline task<view_response> as_task(task<view_response> x) { return x; }
task<view_response> as_task(view_response x);

} // namespace detail

} // namespace dcrf
