#include "dcrf/actors/net/internal/http_connection.hpp"

#include "dcrf/actors/net/internal/cross_origin.hpp"
#include "dcrf/actors/net/internal/forwarding.hpp"
#include "dcrf/actors/net/internal/head_check.hpp"
#include "dcrf/actors/net/internal/http_head.hpp"
#include "dcrf/actors/net/internal/websocket_connection.hpp"
#include "dcrf/protocol/origin.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/none.hpp>
#include <boost/url/parse.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

namespace dcrf::internal {

namespace http = beast::http;

namespace {

std::string_view as_std(beast::string_view text) { return {text.data(), text.size()}; }

// What Beast reads at a time; a head may take more.
constexpr std::size_t smallest_buffer = 16 * 1024;

// What a page of any site can send without asking, with the cookies of its reader.
bool is_form(beast::string_view media_type) {
  static constexpr std::array<beast::string_view, 2> forms{"multipart/form-data",
                                                           "application/x-www-form-urlencoded"};
  return std::ranges::any_of(forms, [media_type](beast::string_view form) {
    return beast::iequals(media_type.substr(0, form.size()), form);
  });
}

// Drops the headers that are about the handshake itself: the scope is kept as long as the
// connection, and nobody has a use for them.
void without_handshake(scope::pairs& headers) {
  static constexpr std::array<std::string_view, 5> names{
      "connection", "upgrade", "sec-websocket-key", "sec-websocket-version",
      "sec-websocket-extensions"};
  std::erase_if(headers, [](const auto& x) {
    return std::ranges::find(names, std::string_view{x.first}) != names.end();
  });
  headers.shrink_to_fit();
}

// RFC 9110, section 15.4.9: the method stays.
http_response redirect_to_https(const request_head& head, std::uint16_t port) {
  constexpr std::uint16_t usual = 443;
  auto host = boost::urls::parse_authority(as_std(head[http::field::host]));
  auto target = as_std(head.target());
  if (!host || host->encoded_host().empty() || !target.starts_with('/')) {
    return http_response::detail(400, "This port only leads to HTTPS.");
  }
  std::string_view name{host->encoded_host()};
  http_response result{.status = 308};
  result.headers.emplace_back("Location", port == usual
                                              ? fmt::format("https://{}{}", name, target)
                                              : fmt::format("https://{}:{}{}", name, port, target));
  return result;
}

} // namespace

http_connection::http_connection(std::shared_ptr<connection_registry> registry,
                                 listener_state::ticket ticket, tcp_socket socket,
                                 const std::optional<net::ip::address>& client, entrance how)
    : registered(std::move(registry), std::move(ticket)),
      socket_(std::make_shared<coalescing_socket>(
          std::move(socket), thread(), limits().outbox_size, limits().close_timeout,
          this->registry()->timeouts(),
          how == entrance::https ? this->registry()->state().certificates() : nullptr)),
      stream_(socket_),
      timer_(this->registry()->timeouts()),
      buffer_(std::max(limits().header_size, smallest_buffer)),
      extensions_(limits().header_size),
      peer_(client),
      how_(how) {}

void http_connection::start() {
  registry()->note_stranger(*this);
  read_head(limits().handshake_timeout);
}

void http_connection::go_away(const going_away&) {
  is_going_away_ = true;
  if (reads_head_) {
    end();
  }
}

bool http_connection::make_room(std::chrono::steady_clock::time_point before) {
  if (came_ > before) {
    return false;
  }
  close();
  return true;
}

// -- reading a request ----------------------------------------------------------------------------

void http_connection::read_head(std::chrono::nanoseconds timeout) {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(limits().header_size));
  // Which one holds is known when the path is.
  parser_->body_limit(boost::none);
  extensions_.size = 0;
  origin_.clear();
  parser_->on_chunk_header(extensions_);
  is_head_ = false;
  reads_head_ = true;
  read_until(timeout);
  http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error_code ec, std::size_t) { self->head_read(ec); });
}

void http_connection::head_read(error_code ec) {
  if (is_ending_) {
    return;
  }
  timer_.clear();
  reads_head_ = false;
  if (awaits_handshake()) {
    handshake_failed(ec);
    return;
  }
  if (ec || socket_->failure()) {
    read_failed(ec);
    return;
  }
  registry()->note_known(*this);
  is_head_ = parser_->get().method() == http::verb::head;
  keep_alive_ = parser_->get().keep_alive() && !is_going_away_;
  auto refusal = head_refusal(parser_->get());
  if (!refusal && how_ == entrance::redirect) {
    refusal = redirect_to_https(parser_->get(), registry()->state().secure_port);
  }
  if (!refusal) {
    refusal = take_scope();
  }
  if (!refusal && answer_preflight()) {
    return;
  }
  if (!refusal) {
    refusal = body_refusal();
  }
  if (refusal) {
    respond_and_close(*std::move(refusal));
  } else if (beast::websocket::is_upgrade(parser_->get())) {
    upgrade(*std::exchange(scope_, std::nullopt));
  } else {
    read_body();
  }
}

// A browser asks before a page's request, and never with what says who its user is. Without a list
// it is the application that answers.
bool http_connection::answer_preflight() {
  const auto& allowed = limits().allowed_origins;
  origin_ = allowed.empty() ? "" : scope_->header("origin").value_or("");
  if (origin_.empty() || !is_preflight(parser_->get())) {
    return false;
  }
  auto grant = grant_of_origin(origin_, allowed);
  if (grant == origin_grant::nothing && is_origin_allowed(origin_, *scope_)) {
    return false;
  }
  if (grant == origin_grant::nothing) {
    log_refusal(*scope_, origin_);
    respond_and_close(http_response::detail(403, "The origin is not allowed."));
  } else if (parser_->is_done()) {
    respond(preflight_answer(parser_->get(), grant));
  } else { // nobody reads its body
    respond_and_close(preflight_answer(parser_->get(), grant));
  }
  return true;
}

std::optional<http_response> http_connection::body_refusal() {
  body_bound_ = acceptor().body_size(scope_->path).value_or(limits().body_size);
  parser_->body_limit(body_bound_);
  if (auto length = parser_->content_length(); length && *length > body_bound_) {
    return http_response::detail(413, "The request's body is too large.");
  }
  auto origin = scope_->header("origin").value_or("");
  if (is_form(parser_->get()[http::field::content_type]) && !origin.empty()
      && !is_origin_allowed(origin, *scope_, limits().allowed_origins)) {
    log_refusal(*scope_, origin);
    return http_response::detail(403, "The origin is not allowed.");
  }
  return std::nullopt;
}

void http_connection::read_body() {
  // RFC 9110, section 10.1.1: the client waits for this before it sends the body.
  if (beast::iequals(parser_->get()[http::field::expect], "100-continue") && !parser_->is_done()) {
    socket_->append(std::string_view{"HTTP/1.1 100 Continue\r\n\r\n"});
  }
  // A larger body may take as much longer.
  auto times = std::max<std::size_t>(1, body_bound_ / std::max<std::size_t>(limits().body_size, 1));
  read_until(limits().body_timeout * static_cast<std::int64_t>(times));
  http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error_code ec, std::size_t) { self->body_read(ec); });
}

void http_connection::body_read(error_code ec) {
  if (is_ending_) {
    return;
  }
  timer_.clear();
  if (ec || socket_->failure()) {
    read_failed(ec);
  } else {
    hand_on();
  }
}

void http_connection::hand_on() {
  auto& message = parser_->get();
  http_request request{*std::exchange(scope_, std::nullopt),
                       std::string{as_std(message.method_string())}, std::move(message.body())};
  parser_.reset();
  awaits_response_ = true;
  acceptor().on_http(thread(), std::move(request),
                     [self = shared_from_this()](http_response response) {
                       if (std::exchange(self->awaits_response_, false)) {
                         self->respond(std::move(response));
                       }
                     });
}

void http_connection::read_failed(error_code ec) {
  // A request may be complete at the moment at which its time is over.
  if (socket_->failure()) {
    close();
  } else if (ec == http::error::header_limit || ec == http::error::buffer_overflow) {
    respond_and_close(http_response::detail(431, "The request's headers are too large."));
  } else if (ec == http::error::body_limit) {
    respond_and_close(http_response::detail(413, "The request's body is too large."));
  } else if (ec.category() == make_error_code(http::error::bad_method).category()
             && ec != http::error::end_of_stream && ec != http::error::partial_message) {
    respond_and_close(http_response::detail(400, "The request is malformed."));
  } else { // the peer sends nothing more, but may still read (RFC 9112, section 9.6)
    end();
  }
}

// -- TLS ------------------------------------------------------------------------------------------

bool http_connection::awaits_handshake() {
  return socket_->tls() != nullptr && !socket_->tls()->is_established();
}

void http_connection::handshake_failed(error_code ec) {
  log_handshake(is_plain_http(ec) ? "the client speaks HTTP without TLS" : ec.message());
  if (is_plain_http(ec)) {
    socket_->drop_tls();
    respond_and_close(http_response::detail(400, "This port speaks HTTPS."));
    return;
  }
  // What OpenSSL has told the client about it must not be overtaken by the end.
  is_ending_ = true;
  socket_->finish([self = shared_from_this()](error_code) { self->close(); });
}

// Whoever connects and says nothing may only look whether somebody listens.
void http_connection::log_handshake(std::string_view reason) {
  if (!socket_->tls()->has_heard()) {
    return;
  }
  if (auto left_out = registry()->state().handshakes().pass()) {
    spdlog::warn("a TLS handshake with {} failed: {} ({} such lines were left out before)",
                 peer_ ? peer_->to_string() : of_path, reason, *left_out);
  }
}

// -- the scope ------------------------------------------------------------------------------------

// Makes the scope of the request, or says what is wrong with it.
std::optional<http_response> http_connection::take_scope() {
  auto& message = parser_->get();
  auto target = parse_target(as_std(message.target()));
  if (!target) {
    return http_response::detail(400, "The request target is malformed.");
  }
  auto client = client_side_of(message, peer_, registry()->state().proxies(),
                               how_ == entrance::https ? "https" : "http");
  if (!client) {
    return http_response::detail(400, "Forwarded and X-Forwarded headers contradict each other.");
  }
  auto& result = scope_.emplace();
  result.path = std::move(target->path);
  result.query_string = std::move(target->query);
  result.client = std::move(client->address);
  result.scheme = std::move(client->scheme);
  result.host = std::move(client->host);
  result.prefix = std::move(client->prefix);
  for (const auto& field : message) {
    std::string name{as_std(field.name_string())};
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : static_cast<char>(c);
    });
    result.headers.emplace_back(std::move(name), as_std(field.value()));
  }
  return std::nullopt;
}

// -- the handshake of a WebSocket -----------------------------------------------------------------

std::optional<http_response> http_connection::handshake_error(const dcrf::scope& scope) const {
  if (auto refusal = handshake_refusal(parser_->get())) {
    return refusal;
  }
  // RFC 6455, section 4.1: the client has to wait for the answer before it sends frames.
  if (buffer_.size() > 0) {
    return http_response::detail(400, "Data came before the handshake was answered.");
  }
  auto origin = scope.header("origin").value_or("");
  if (!origin.empty() && !is_origin_allowed(origin, scope, limits().allowed_origins)) {
    log_refusal(scope, origin);
    return http_response::detail(403, "The origin is not allowed.");
  }
  return std::nullopt;
}

void http_connection::log_refusal(const dcrf::scope& scope, std::string_view origin) const {
  if (auto left_out = registry()->state().refusals().pass()) {
    spdlog::warn("a request of {} is refused: its origin {} is neither of the host {} nor one of "
                 "--allowed-origins ({} such lines were left out before)",
                 scope.client, origin, scope.host, *left_out);
  }
}

void http_connection::upgrade(dcrf::scope scope) {
  if (auto error = handshake_error(scope)) {
    respond_and_close(*std::move(error));
    return;
  }
  without_handshake(scope.headers);
  websocket_connection::handshake request{std::move(parser_->get().base())};
  parser_.reset();
  std::make_shared<websocket_connection>(registry(), hand_over(), socket_, std::move(request))
      ->start(std::move(scope));
}

// -- answering it ---------------------------------------------------------------------------------

void http_connection::respond(http_response response) {
  if (const auto& allowed = limits().allowed_origins; !allowed.empty()) {
    show_to_page(response, origin_, grant_of_origin(origin_, allowed));
    response.headers.emplace_back("Vary", "Origin"); // for caches
  }
  keep_alive_ = keep_alive_ && !is_going_away_;
  socket_->append(response_head(
      response, {.keep_alive = keep_alive_,
                 .transport_security = transport_security(socket_->tls() != nullptr)}));
  if (!is_head_ && status_has_body(response.status)) {
    socket_->append(std::move(response.body));
  }
  watch_progress();
  // The next answer may wait behind this one, but not behind an endless number of them.
  socket_->when_below(keep_alive_ ? socket_->bound() : 1,
                      [self = shared_from_this()](error_code ec) { self->written(ec); });
}

void http_connection::respond_and_close(http_response response) {
  keep_alive_ = false;
  respond(std::move(response));
}

// What leaves for the kernel says little: it may hold megabytes for a slow link, and take no more
// for a minute.
void http_connection::watch_progress() {
  timer_.set(limits().body_timeout, [this, before = socket_->acknowledged()] {
    if (reads_head_ && socket_->in_flight() == 0) {
      read_until(limits().keep_alive_timeout);
    } else if (socket_->acknowledged() > before) {
      watch_progress();
    } else {
      close();
    }
  });
}

// A client that is still taking its answers is not expected to send the next request meanwhile.
void http_connection::read_until(std::chrono::nanoseconds timeout) {
  timer_.set(timeout, [this] {
    if (reads_head_ && socket_->in_flight() > 0) {
      watch_progress();
      return;
    }
    if (awaits_handshake()) {
      log_handshake("it takes too long");
    }
    end();
  });
}

void http_connection::written(error_code ec) {
  timer_.clear();
  if (ec) {
    close();
  } else if (keep_alive_ && !(is_going_away_ && buffer_.size() == 0)) {
    read_head(limits().keep_alive_timeout);
  } else {
    socket_->finish([self = shared_from_this()](error_code) { self->close(); });
  }
}

// Nothing is read any more. A read that is still under way finds nobody.
void http_connection::end() {
  reads_head_ = false;
  keep_alive_ = false;
  is_ending_ = true;
  if (socket_->queued() == 0) {
    close();
    return;
  }
  watch_progress();
  socket_->when_below(1, [self = shared_from_this()](error_code ec) { self->written(ec); });
}

void http_connection::close() {
  auto self = shared_from_this();
  is_ending_ = true;
  timer_.clear();
  socket_->abort();
  leave();
}

} // namespace dcrf::internal
