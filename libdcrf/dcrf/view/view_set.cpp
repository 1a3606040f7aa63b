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

// What the operations on rows ask of a view set, for one request.
class view_set::row_asking final : public row_request {
public:
  row_asking(view_set& self, view_request& req) : self_(&self), req_(&req) {}

  [[nodiscard]] row_hooks hooks() const override { return self_->hooks(); }
  [[nodiscard]] json_view data() const override { return req_->data_view(); }

  void check(const instance& row) const override { self_->check_object_permissions(*req_, row); }

  task<> before_create(validated_input& input) override { return self_->creating(input, *req_); }
  task<> before_update(validated_input& input) override { return self_->updating(input, *req_); }
  task<> before_delete(const instance& row) override { return self_->perform_destroy(row, *req_); }
  task<> after_create(const instance& row) override { return self_->after_create(row, *req_); }
  task<> after_update(const instance& row) override { return self_->after_update(row, *req_); }
  task<> after_delete(const instance& row) override { return self_->after_destroy(row, *req_); }

private:
  view_set* self_;
  view_request* req_;
};

detail::row_access view_set::access(view_request& req) const {
  auto rule = lookup_by();
  return {&req,          &serializer(req), selected(req),  rule.field,
          rule.argument, &filtered_by(),   &paginated_by()};
}

task<view_response> view_set::list(view_request& req) {
  row_asking asking{*this, req};
  auto rows = access(req);
  co_return co_await detail::list_rows(std::move(rows), asking);
}

task<row> view_set::find_object(view_request& req) {
  row_asking asking{*this, req};
  auto rows = access(req);
  co_return co_await detail::find_row(std::move(rows), asking);
}

task<view_response> view_set::retrieve(view_request& req) {
  row_asking asking{*this, req};
  auto rows = access(req);
  co_return co_await detail::retrieve_row(std::move(rows), asking);
}

task<view_response> view_set::create(view_request& req) {
  row_asking asking{*this, req};
  auto rows = access(req);
  co_return co_await detail::create_row(std::move(rows), asking);
}

task<view_response> view_set::update(view_request& req) { return save(req, false); }

task<view_response> view_set::partial_update(view_request& req) { return save(req, true); }

task<view_response> view_set::save(view_request& req, bool is_partial) {
  row_asking asking{*this, req};
  auto rows = access(req);
  co_return co_await detail::update_row(std::move(rows), is_partial, asking);
}

task<view_response> view_set::destroy(view_request& req) {
  row_asking asking{*this, req};
  auto rows = access(req);
  co_return co_await detail::destroy_row(std::move(rows), asking);
}

} // namespace dcrf
