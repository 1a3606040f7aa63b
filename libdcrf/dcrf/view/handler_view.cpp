#include "dcrf/view/handler_view.hpp"

#include "dcrf/json/json_writer.hpp"
#include "dcrf/protocol/errors.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace dcrf {

namespace {

const view_handler* find_handler(std::span<const view_handler> offered, std::string_view method) {
  auto found = std::ranges::find(offered, method, &view_handler::method);
  return found == offered.end() ? nullptr : &*found;
}

// In the order of DRF.
std::string allowed_methods(std::span<const view_handler> offered) {
  static constexpr std::array<std::string_view, 7> methods{"GET",    "POST", "PUT",    "PATCH",
                                                           "DELETE", "HEAD", "OPTIONS"};
  std::string result;
  for (auto method : methods) {
    bool is_implied = method == "OPTIONS" || (method == "HEAD" && find_handler(offered, "GET"));
    if (is_implied || find_handler(offered, method) != nullptr) {
      result += result.empty() ? "" : ", ";
      result += method;
    }
  }
  return result;
}

request asking_for(const view_request& req) {
  request result{req.scope(), req.runtime().where().reader()};
  result.action(req.method());
  return result;
}

[[noreturn]] void refuse(const user_info& user) {
  if (user.is_authenticated()) {
    throw permission_denied();
  }
  throw not_authenticated();
}

} // namespace

task<view_response> handler_view::dispatch(view_request& req) {
  view_response result;
  std::exception_ptr error;
  try {
    result = co_await answer(req);
  } catch (...) {
    error = std::current_exception();
  }
  if (error) {
    result = error_response(req, error);
  }
  result.header("Allow", allowed_methods(handlers(req)));
  co_return result;
}

task<view_response> handler_view::answer(view_request& req) {
  check_permission(req);
  auto offered = handlers(req);
  const auto* handler = find_handler(offered, req.method());
  if (handler == nullptr && req.method() == "HEAD") {
    handler = find_handler(offered, "GET");
  }
  if (handler != nullptr) {
    req.action(handler->action);
    co_return co_await handler->call(*this, req);
  }
  if (req.method() != "OPTIONS") {
    throw method_not_allowed(req.method());
  }
  co_return metadata();
}

void handler_view::check_permission(const view_request& req) const {
  if (!has_permission(asking_for(req))) {
    refuse(req.user());
  }
}

void handler_view::check_object_permissions(const view_request& req, const instance& row) const {
  if (!has_object_permission(asking_for(req), row)) {
    refuse(req.user());
  }
}

view_response handler_view::error_response(const view_request& req,
                                           const std::exception_ptr& error) const {
  auto report = report_of(error);
  if (report.is_unexpected()) {
    std::rethrow_exception(error);
  }
  if (report.status() >= 500) {
    req.runtime().where().log_failure(req.scope().path, error);
  }
  auto result = view_response::with(report.status(), report.body());
  if (auto scheme = authenticate_header(req); report.status() == 401 && !scheme.empty()) {
    result.header("WWW-Authenticate", scheme);
  }
  return result;
}

view_response handler_view::metadata() const {
  std::string data;
  json_writer writer{data};
  writer.begin_object().key("name").text(route_name()).key("description").text("");
  for (auto what : {"renders", "parses"}) {
    writer.key(what).begin_array().text("application/json").end_array();
  }
  writer.end_object();
  return view_response::ok(json_text::trusted(std::move(data)));
}

std::string detail::view_name(std::string_view class_name) {
  for (std::string_view suffix : {"_view_set", "_view"}) {
    if (class_name.ends_with(suffix)) {
      class_name.remove_suffix(suffix.size());
      break;
    }
  }
  std::string result;
  bool starts_word = true;
  for (char c : class_name) {
    auto is_small = c >= 'a' && c <= 'z';
    result += c == '_' ? ' ' : starts_word && is_small ? static_cast<char>(c - 'a' + 'A') : c;
    starts_word = c == '_';
  }
  return result;
}

} // namespace dcrf
