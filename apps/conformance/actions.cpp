#include "conformance/actions.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>
#include <charconv>
#include <chrono>
#include <limits>
#include <system_error>
#include <utility>

#include "conformance/models.hpp"

namespace conformance {

namespace {

std::chrono::milliseconds delay(std::optional<std::int64_t> given, std::int64_t otherwise) {
  return std::chrono::milliseconds{given.value_or(otherwise)};
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return fmt::format("{:02x}", fmt::join(digest, ""));
}

bool is_json_object(std::string_view bytes) {
  auto parsed = dcrf::json::parse(bytes, nullptr, false);
  return parsed.is_object();
}

std::string talk(std::string_view name) { return fmt::format("talk {}", name); }

} // namespace

dcrf::task<> action_consumer::received_bytes(std::string bytes) {
  if (is_json_object(bytes)) {
    throw dcrf::parse_error("Frames must be text.");
  }
  send(dcrf::json_text{dcrf::json{{"bytes", bytes.size()}, {"sha256", sha256(bytes)}}});
  return {};
}

dcrf::task<> echo_consumer::received_text(std::string text) {
  send_text(std::move(text));
  return {};
}

dcrf::task<> echo_consumer::received_bytes(std::string bytes) {
  send_bytes(std::move(bytes));
  return {};
}

// -- answering ------------------------------------------------------------------------------------

dcrf::task<dcrf::response> action_consumer::echo(dcrf::json args) {
  co_return dcrf::response::ok(args);
}

dcrf::response action_consumer::sync_echo(dcrf::json args) { return dcrf::response::ok(args); }

dcrf::response action_consumer::see_request(dcrf::request& req) {
  auto id = dcrf::json_text::trusted(req.id());
  return dcrf::response::ok(dcrf::json{{"request_id", id.to_json()}, {"action", req.action()}});
}

dcrf::task<dcrf::response> action_consumer::original_name() {
  co_return dcrf::response::ok(dcrf::json("renamed"));
}

dcrf::response action_consumer::original_sync_name() {
  return dcrf::response::ok(dcrf::json("renamed sync"));
}

dcrf::response action_consumer::answer(std::optional<dcrf::json_text> data,
                                       std::optional<std::int64_t> status) {
  return {data.value_or(dcrf::json_text{}), status.value_or(200)};
}

dcrf::task<> action_consumer::no_answer() { return {}; }

void action_consumer::sync_no_answer() {}

void action_consumer::not_a_pair() {}

dcrf::task<dcrf::response> action_consumer::many_answers(std::optional<std::int64_t> count,
                                                         dcrf::request& req) {
  auto last = count.value_or(3);
  check_answers("count", last);
  for (std::int64_t i = 0; i < last; ++i) {
    reply(req, dcrf::response::accepted(dcrf::json(i)));
    co_await drain();
  }
  co_return dcrf::response::ok(dcrf::json("done"));
}

void action_consumer::raw_frame(std::optional<dcrf::json_text> frame) {
  send(frame.value_or(dcrf::json_text{}));
}

void action_consumer::own_reply(dcrf::request& req) {
  auto frame = dcrf::envelope(R"(["careful"])", "null", R"("something_else")", 200, req.id());
  send(dcrf::json_text::trusted(std::move(frame)));
}

dcrf::response action_consumer::needs_number(dcrf::json number) {
  if (!number.is_number()) {
    throw dcrf::validation_error("number", "A valid number is required.");
  }
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 2;
  // What is unsigned is beyond 63 bits.
  if (number.is_number_integer() && !number.is_number_unsigned()) {
    if (auto x = number.get<std::int64_t>(); -most <= x && x <= most) {
      return dcrf::response::ok(dcrf::json(2 * x));
    }
  }
  return dcrf::response::ok(dcrf::json(2 * number.get<double>()));
}

dcrf::response action_consumer::whoami() {
  bool is_known = user().is_authenticated();
  dcrf::json name = is_known ? dcrf::json(user().username) : dcrf::json{};
  return dcrf::response::ok(dcrf::json{{"username", name}, {"authenticated", is_known}});
}

dcrf::response action_consumer::not_an_action() { return dcrf::response::ok(); }

// -- failing --------------------------------------------------------------------------------------

dcrf::task<> action_consumer::fail(failure kind) {
  fail_with(kind);
  co_return;
}

void action_consumer::sync_fail(failure kind) { fail_with(kind); }

dcrf::task<> action_consumer::detached_fail(failure kind, std::optional<std::int64_t> delay_ms) {
  co_await runtime().sleep(delay(delay_ms, 50));
  fail_with(kind);
}

// -- waiting --------------------------------------------------------------------------------------

dcrf::task<dcrf::response> action_consumer::slow(std::optional<std::int64_t> delay_ms,
                                                 std::optional<dcrf::json_text> value) {
  co_await runtime().sleep(delay(delay_ms, 200));
  co_return dcrf::response::ok(value.value_or(dcrf::json_text{}));
}

dcrf::task<dcrf::response> action_consumer::detached_original() {
  co_return dcrf::response::ok(dcrf::json("detached renamed"));
}

dcrf::response action_consumer::start_background(std::optional<std::int64_t> delay_ms,
                                                 std::optional<dcrf::json_text> value) {
  spawn(send_later(delay(delay_ms, 100), value.value_or(dcrf::json_text{})));
  return dcrf::response::accepted(dcrf::json("started"));
}

dcrf::task<> action_consumer::send_later(std::chrono::milliseconds delay, dcrf::json_text value) {
  co_await runtime().sleep(delay);
  send(dcrf::json{{"background", value.to_json()}});
}

// -- writing --------------------------------------------------------------------------------------

dcrf::task<dcrf::response> action_consumer::write(std::string name, std::optional<failure> fail) {
  entry draft{.name = std::move(name)};
  co_await repository<entry>().create(draft);
  if (fail) {
    fail_with(*fail);
  }
  auto all = co_await repository<entry>().count({});
  co_return dcrf::response::created(dcrf::json{{"count", all}});
}

dcrf::task<dcrf::response> action_consumer::detached_write(std::string name,
                                                           std::optional<std::int64_t> delay_ms) {
  co_await runtime().sleep(delay(delay_ms, 300));
  entry draft{.name = std::move(name)};
  co_await repository<entry>().create(draft);
  co_return dcrf::response::created(dcrf::json("written"));
}

dcrf::task<dcrf::response> action_consumer::count() {
  auto all = co_await repository<entry>().count({});
  co_return dcrf::response::ok(dcrf::json{{"count", all}});
}

// -- talking --------------------------------------------------------------------------------------

dcrf::task<dcrf::response> action_consumer::join(std::string name) {
  co_await group_add(talk(name));
  co_return dcrf::response::ok();
}

dcrf::response action_consumer::leave(std::string name) {
  group_discard(talk(name));
  return dcrf::response::ok();
}

dcrf::response action_consumer::say(std::string name, std::optional<dcrf::json_text> words) {
  auto heard = words.value_or(dcrf::json_text{});
  group_send(talk(name), dcrf::json{{"heard", heard.to_json()}, {"in", name}});
  return dcrf::response::ok();
}

void action_consumer::bye(std::optional<std::int64_t> code) {
  close(static_cast<std::uint16_t>(code.value_or(4001)));
}

dcrf::task<> lobby_consumer::connected() { return group_add(talk("lobby")); }

dcrf::task<> talk_consumer::connected() {
  auto number = scope().parameter("number");
  auto read = std::from_chars(number.data(), number.data() + number.size(), number_);
  if (read.ec != std::errc{}) {
    throw dcrf::not_found();
  }
  return group_add(talk(scope().parameter("name")));
}

dcrf::response talk_consumer::where() {
  return dcrf::response::ok(dcrf::json{{"number", number_}, {"name", scope().parameter("name")}});
}

// -- another key ----------------------------------------------------------------------------------

dcrf::response method_key_consumer::echo(dcrf::json args) {
  args.erase("method");
  return dcrf::response::ok(args);
}

std::optional<dcrf::json_text> method_key_consumer::action_name(const dcrf::request& req) const {
  auto method = req.argument("method");
  return method ? std::optional{dcrf::json_text{method->to_json()}} : std::nullopt;
}

} // namespace conformance
