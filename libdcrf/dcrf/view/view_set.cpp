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

// As DRF names them: "Item List", "Item Instance", and of an own action "Set password".
std::string view_set::route_name() const {
  if (route_ == nullptr) {
    return name();
  }
  if (route_->path.empty()) {
    return name() + " List";
  }
  if (route_->path == '<' + std::string{routes().parameter} + ">/") {
    return name() + " Instance";
  }
  std::string result{route_->handlers.front().action};
  std::ranges::replace(result, '_', ' ');
  auto& first = result.front();
  first = first >= 'a' && first <= 'z' ? static_cast<char>(first - 'a' + 'A') : first;
  return result;
}

detail::row_access view_set::access(view_request& req) const {
  auto rule = lookup_by();
  auto check = [this, &req](const instance& row) { check_object_permissions(req, row); };
  return {&req,  &serializer(req), selected(req),  rule.field, rule.argument,
          check, &filtered_by(),   &paginated_by()};
}

task<view_response> view_set::list(view_request& req) { return detail::list_rows(access(req)); }

task<row> view_set::find_object(view_request& req) const { return detail::find_row(access(req)); }

task<view_response> view_set::retrieve(view_request& req) {
  return detail::retrieve_row(access(req));
}

task<view_response> view_set::create(view_request& req) {
  return detail::create_row(access(req),
                            [this, &req](validated_input& input) { return creating(input, req); });
}

task<view_response> view_set::update(view_request& req) { return save(req, false); }

task<view_response> view_set::partial_update(view_request& req) { return save(req, true); }

task<view_response> view_set::save(view_request& req, bool is_partial) {
  return detail::update_row(access(req), is_partial,
                            [this, &req](validated_input& input) { return updating(input, req); });
}

task<view_response> view_set::destroy(view_request& req) {
  return detail::destroy_row(
      access(req), [this, &req](const instance& row) { return perform_destroy(row, req); });
}

} // namespace dcrf
