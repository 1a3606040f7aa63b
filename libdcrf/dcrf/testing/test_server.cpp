#include "dcrf/testing/test_server.hpp"

#include "dcrf/testing/internal/session.hpp"
#include "dcrf/testing/internal/state.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <vector>

namespace dcrf {

namespace {

// Longer than anything that a test waits for, and never reached but by timers without an end.
constexpr std::chrono::hours patience{7 * 24};

void set_target(dcrf::scope& x, std::string_view target) {
  auto query = std::min(target.find('?'), target.size());
  x.path = target.substr(0, query);
  x.query_string = target.substr(std::min(query + 1, target.size()));
}

// A consumer for the tasks of the test itself.
class no_consumer : public api_consumer<no_consumer> {};

} // namespace

test_server::test_server(schema models) : state_(std::make_unique<state>(std::move(models))) {
  state_->own = std::make_shared<session>(*state_);
  state_->own->start({}, endpoint_of<no_consumer>());
  state_->own_runtime.emplace(*state_->own);
}

test_server::~test_server() {
  state_->loop.clear();
  state_->own.reset();
}

// -- declarations ---------------------------------------------------------------------------------

void test_server::websocket(std::string_view pattern, endpoint make) {
  state_->routes.add(pattern, std::move(make));
}

void test_server::http(std::string_view method, std::string_view pattern, http_handler handler) {
  state_->http.add(method, pattern, std::move(handler));
}

void test_server::http(std::string_view method, std::string_view pattern, http_handler handler,
                       without_user_t) {
  state_->http.add(method, pattern, std::move(handler), without_user);
}

void test_server::http(std::string_view pattern, http_handler handler) {
  state_->http.add(pattern, std::move(handler));
}

void test_server::not_found(http_handler handler) {
  state_->http.add_not_found(std::move(handler));
}

void test_server::static_files(std::string_view path, const dcrf::static_files& files) {
  http("GET", std::string{path} + "<path:name>", files.handler(), without_user);
}

void test_server::authenticate(authenticator x) { authenticate(authentication{std::move(x)}); }
void test_server::authenticate(authentication x) { state_->authenticating = std::move(x); }

void test_server::serve(const std::vector<detail::served_class>& classes) const {
  for (const auto& x : classes) {
    if (auto fault = detail::fault_of(x, state_->models)) {
      throw std::invalid_argument(*fault);
    }
  }
}

// -- clients --------------------------------------------------------------------------------------

http_response test_server::fetch(std::string_view method, std::string_view target, user_info as) {
  http_request request;
  request.method = method;
  request.scope.user = std::move(as);
  return fetch(target, std::move(request));
}

http_response test_server::fetch(std::string_view method, std::string_view target, const json& body,
                                 user_info as) {
  http_request request;
  request.method = method;
  request.scope.user = std::move(as);
  request.scope.headers.emplace_back("content-type", "application/json");
  request.body = body.dump();
  return fetch(target, std::move(request));
}

http_response test_server::fetch(std::string_view target, http_request request) {
  set_target(request.scope, target);
  auto found = state_->http.find(request.method, request.scope.path);
  if (auto* refused = std::get_if<http_response>(&found)) {
    return std::move(*refused);
  }
  const auto& route = std::get<http_routes::found>(found);
  request.scope.parameters = route.parameters;
  const auto& authenticating = route.needs_user ? state_->authenticating.ask : authenticator{};
  auto answering = handle_http(request, runtime(), authenticating, *route.handler);
  auto result = run(std::move(answering));
  if (request.method == "HEAD") {
    result.body.clear();
  }
  return result;
}

test_session test_server::connect(std::string_view target, user_info as) {
  dcrf::scope connection;
  connection.user = std::move(as);
  return connect(target, std::move(connection));
}

test_session test_server::connect(std::string_view target, dcrf::scope connection) {
  set_target(connection, target);
  auto result = std::make_shared<session>(*state_);
  if (auto found = state_->routes.find(connection.path)) {
    connection.parameters = std::move(found->parameters);
    result->start(std::move(connection), *found->endpoint);
    run_until("the end of a handshake",
              [&] { return result->is_accepted || result->refused_with != 0; });
  } else {
    result->refused_with = 404;
  }
  return {*this, std::move(result)};
}

// -- running --------------------------------------------------------------------------------------

void test_server::start_as(activity& running, const std::function<void()>& start) {
  state_->own->current(&running);
  start();
  state_->own->current(nullptr);
}

void test_server::end(const activity& running) {
  if (running.transaction != 0) {
    state_->queue.abandon(running.transaction);
  }
}

const runtime& test_server::runtime() const noexcept { return state_->own_runtime.value(); }

std::size_t test_server::memberships() const noexcept { return state_->channels.memberships(); }

void test_server::run_until(std::string_view what, const std::function<bool()>& condition) {
  auto started = state_->loop.now();
  while (!condition()) {
    bool is_late = state_->loop.now() - started > patience;
    if (is_late || (!state_->work() && !state_->loop.advance())) {
      auto message = "waited for " + std::string{what} + ", but "
                     + (is_late ? "it did not come within a week" : "nothing is left to do");
      for (const auto& x : std::exchange(state_->failures, {})) {
        message += "; before that failed " + x;
      }
      throw std::logic_error(message);
    }
  }
}

void test_server::settle() {
  while (state_->work()) {
  }
}

} // namespace dcrf
