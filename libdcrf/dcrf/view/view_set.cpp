#include "dcrf/view/view_set.hpp"

#include <algorithm>
#include <utility>

namespace dcrf {

namespace {

std::string path_of(const view_set_action& x, std::string_view parameter) {
  std::string result;
  if (x.is_detail) {
    result = '<' + std::string{parameter} + ">/";
  }
  if (!x.path.empty()) {
    result += std::string{x.path} + '/';
  }
  return result;
}

} // namespace

view_set_routes::view_set_routes(std::span<const view_set_action> actions, std::string_view name)
    : parameter(name) {
  auto add = [&](const view_set_action& x) {
    auto path = path_of(x, parameter);
    auto known = std::ranges::find(routes, path, &view_set_route::path);
    if (known == routes.end()) {
      known = routes.insert(routes.end(), view_set_route{std::move(path), {}});
    }
    known->handlers.push_back({x.method, x.call, x.name});
  };
  for (bool is_detail : {false, true}) {
    for (const auto& x : actions) {
      if (x.is_detail == is_detail) {
        add(x);
      }
      if (x.is_detail == is_detail && x.path.empty()) {
        (is_detail ? for_row : for_rows).push_back({x.method, x.call, x.name});
      }
    }
  }
  auto create = std::ranges::find(for_rows, std::string_view{"POST"}, &view_handler::method);
  if (create != for_rows.end()) {
    auto by_put = *create;
    by_put.method = "PUT";
    for_rows.push_back(by_put);
  }
}

std::span<const view_handler> view_set::handlers(const view_request& req) const {
  if (route_ != nullptr) {
    return route_->handlers;
  }
  const auto& known = routes();
  return req.find_parameter(known.parameter) != nullptr ? known.for_row : known.for_rows;
}

detail::row_access view_set::access(view_request& req) const {
  auto rule = lookup_by();
  return {&req, &serializer(req), selected(req), rule.field, rule.argument};
}

task<view_response> view_set::list(view_request& req) { return detail::list_rows(access(req)); }

task<row> view_set::find_object(view_request& req) const {
  auto which = access(req);
  auto found = co_await detail::find_row(which);
  check_object_permissions(req, instance{*which.rows.model, found.values});
  co_return found;
}

// As in DRF, the row is looked up and checked before it is changed.
task<> view_set::check_before_change(view_request& req) const {
  if (asks_about_rows()) {
    co_await find_object(req);
  }
}

task<view_response> view_set::retrieve(view_request& req) {
  auto found = co_await find_object(req);
  co_return view_response::ok(detail::shown_row(access(req), found));
}

task<view_response> view_set::create(view_request& req) {
  return detail::create_row(access(req),
                            [this, &req](validated_input& input) { return creating(input, req); });
}

task<view_response> view_set::update(view_request& req) { return save(req, false); }

task<view_response> view_set::partial_update(view_request& req) { return save(req, true); }

task<view_response> view_set::save(view_request& req, bool is_partial) {
  co_await check_before_change(req);
  detail::input_hook before = [this, &req](validated_input& input) { return updating(input, req); };
  auto which = access(req);
  co_return co_await detail::update_row(which, is_partial, before);
}

task<view_response> view_set::destroy(view_request& req) {
  co_await check_before_change(req);
  co_await perform_destroy(req);
  auto which = access(req);
  co_return co_await detail::destroy_row(which);
}

} // namespace dcrf
