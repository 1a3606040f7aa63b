#include "dcrf/session/internal/multiplexer.hpp"

#include "dcrf/json/json_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

namespace dcrf {

namespace {

constexpr auto head_end = R"(,"payload":)";

// A frame that no stream is there for, or none that could be found out.
std::string refusal(std::string_view stream, const std::exception_ptr& error,
                    std::string_view action, std::string_view request_id) {
  auto report = report_of(error);
  std::string result = R"({"stream":)";
  result += stream;
  result += head_end;
  result += envelope(report.list().str(), "null", action, report.status(), request_id);
  result += '}';
  return result;
}

std::string member_text(json_view object, std::string_view name) {
  auto found = object.find(name);
  return found ? found->to_text() : "null";
}

} // namespace

// -- one stream -----------------------------------------------------------------------------------

/// The session of one stream's consumer: a part of the connection's.
class multiplexer::stream final : public session_context {
public:
  using state = stream_state;

  stream(multiplexer& owner, const stream_descriptor& x)
      : session_context(owner.context_), owner_(&owner), name_(x.name), subject_(x.make()) {
    head_ += R"({"stream":)";
    append_json_string(head_, name_);
    head_ += head_end;
  }

  void start(scope connection, std::span<const linked_stream> links, login* who) {
    driver_.emplace(*this, std::move(connection), std::move(subject_), links);
    driver_->share(who);
    driver_->connect(nullptr);
  }

  [[nodiscard]] std::string_view name() const noexcept { return name_; }
  [[nodiscard]] state reached() const noexcept { return state_; }
  [[nodiscard]] bool is_finished() const noexcept { return is_finished_ || !driver_; }
  void receive(std::string_view frame) { driver_->receive_multiplexed(frame); }
  void notify(const std::string& frame) { driver_->notify(frame); }

  void check_again() {
    if (driver_) {
      driver_->check_again({});
    }
  }

  void user_changed(const user_info& x) {
    if (driver_) {
      driver_->user_changed(x);
    }
  }

  void stop() {
    if (driver_) {
      driver_->stop();
    }
  }

  void disconnect(std::uint16_t code) {
    if (driver_) {
      driver_->disconnect(code);
    }
  }

  void abort() { driver_.reset(); }

  // -- implementation of context ------------------------------------------------------------------

  void submit(command x, ticket answer) override { outer().submit(std::move(x), answer); }
  void sleep(std::chrono::milliseconds duration, ticket answer) override {
    outer().sleep(duration, answer);
  }
  void offload(std::function<void()> work, ticket answer) override {
    outer().offload(std::move(work), answer);
  }
  void forget(ticket answer) override { outer().forget(answer); }
  channel_layer& channels() override { return outer().channels(); }
  void abandon(std::uint64_t transaction) override { outer().abandon(transaction); }
  void log_failure(std::string_view where, const std::exception_ptr& error) override {
    outer().log_failure(where, error);
  }
  bool logs_requests() const override { return outer().logs_requests(); }
  void log_request(std::string_view line) override { outer().log_request(line); }
  frame_reader& reader() override { return outer().reader(); }
  shared_reads* reads_in_common() override { return outer().reads_in_common(); }

  // -- implementation of session_context ----------------------------------------------------------

  void accept() override {
    state_ = state::open;
    owner_->decided();
  }

  void refuse(unsigned) override {
    state_ = state::refused;
    owner_->decided();
  }

  void send(std::string frame) override { owner_->send(head_ + frame + '}'); }

  void send(std::shared_ptr<const std::string> head, std::string_view tail) override {
    std::string frame;
    frame.reserve(head_.size() + head->size() + tail.size() + 1);
    frame += head_;
    frame += *head;
    frame += tail;
    frame += '}';
    owner_->send(std::move(frame));
  }

  void send_bytes(std::string) override {
    throw std::logic_error("dcrf: a stream of a multiplexed connection has no binary frames");
  }

  void choose_subprotocol(std::string name) override {
    outer().choose_subprotocol(std::move(name));
  }

  void close(std::uint16_t code) override {
    state_ = state::closed;
    ending_ = end(code);
    ending_.start();
    owner_->closed(code);
  }

  session_budget& budget() override { return outer().budget(); }
  throttle_history& throttling() override { return outer().throttling(); }
  throttle_history::clock::time_point now() const override { return outer().now(); }

  void join(const group_name& x, group_member& member, ticket answer) override {
    outer().join(x, member, answer);
  }
  void leave(const group_name& x, group_member& member) override { outer().leave(x, member); }
  std::uint64_t version() override { return outer().version(); }
  feed_position_ptr position() override { return outer().position(); }
  void follow(replay_question x, std::shared_ptr<replay_ptr> to, ticket answer) override {
    outer().follow(std::move(x), std::move(to), answer);
  }
  void watch_list(list_question x, std::shared_ptr<list_state_ptr> to, ticket answer) override {
    outer().watch_list(std::move(x), std::move(to), answer);
  }
  void watch_positions(group_member& member) override { outer().watch_positions(member); }
  bool is_congested() override { return outer().is_congested(); }
  void drain(ticket answer) override { outer().drain(answer); }
  void queued() override { outer().queued(); }

  void finished() override {
    is_finished_ = true;
    owner_->finished();
  }

private:
  [[nodiscard]] session_context& outer() const noexcept { return *owner_->context_; }

  // The consumer closes its stream from within an action, which has to end first.
  task<> end(std::uint16_t code) {
    co_await owner_->runtime_.sleep(std::chrono::milliseconds{0});
    driver_->disconnect(code);
  }

  multiplexer* owner_;
  std::string_view name_;
  std::unique_ptr<consumer> subject_;
  // A frame of the stream up to its payload.
  std::string head_;
  state state_ = state::connecting;
  bool is_finished_ = false;
  std::optional<driver> driver_;
  task<> ending_;
};

// -- the handshake --------------------------------------------------------------------------------

multiplexer::multiplexer(session_context& context, scope connection,
                         std::span<const stream_descriptor> streams,
                         std::span<const linked_stream> links)
    : context_(&context),
      scope_(std::move(connection)),
      runtime_(context),
      links_(links),
      user_(context, runtime_, *this, scope_),
      early_frames_(context.budget()) {
  for (const auto& x : streams) {
    streams_.push_back(std::make_unique<stream>(*this, x));
  }
}

multiplexer::~multiplexer() = default;

void multiplexer::connect(const authentication& how) {
  auto* outer = context_->current();
  context_->current(&opening_activity_);
  opening_ = open(how);
  opening_.start();
  context_->current(outer);
}

task<> multiplexer::open(authentication how) {
  std::exception_ptr error;
  bool is_known = false;
  try {
    is_known = co_await user_.identify(std::move(how));
  } catch (...) {
    error = std::current_exception();
  }
  if (!is_known) {
    refuse(error);
    co_return;
  }
  for (const auto& x : streams_) {
    x->start(scope_, links_, user_.tokens());
  }
  is_started_ = true;
  decided();
}

// Without an error, a close tells the client that it is nobody.
void multiplexer::refuse(const std::exception_ptr& error) {
  if (!error) {
    context_->accept();
    context_->close(not_authenticated_code);
    return;
  }
  auto status = report_of(error).status();
  if (status >= 500) {
    context_->log_failure("connecting", error);
  }
  context_->refuse(status);
}

// Called while they start, too: those that decide at once do not decide for the others.
void multiplexer::decided() {
  if (!is_started_ || is_decided_ || any_is(stream::state::connecting)) {
    return;
  }
  is_decided_ = true;
  if (!any_is(stream::state::open) && !any_is(stream::state::closed)) {
    context_->refuse(permission_denied{}.status());
    return;
  }
  context_->accept();
  early_frames_.send_all(*context_);
  close_if_unused();
  user_.opened();
}

// -- the user -------------------------------------------------------------------------------------

void multiplexer::check_again(const authentication& how) {
  if (!is_disconnected_) {
    user_.check_again(how, !is_decided_);
  }
}

// The user is asked for once, what it may by each stream.
task<bool> multiplexer::check_rights() {
  for (const auto& x : streams_) {
    x->check_again();
  }
  co_return true;
}

void multiplexer::user_changed(const user_info& x) {
  scope_.user = x;
  for (const auto& each : streams_) {
    each->user_changed(x);
  }
}

void multiplexer::notify(const std::string& frame) {
  for (const auto& x : streams_) {
    if (x->reached() == stream_state::open) {
      x->notify(frame);
    }
  }
}

void multiplexer::end_connection(std::uint16_t code) {
  stop();
  context_->close(code);
}

// -- frames ---------------------------------------------------------------------------------------

void multiplexer::receive(std::string_view payload, bool is_text) {
  if (!is_decided_) {
    return;
  }
  std::string stream_name = "null";
  try {
    if (!is_text) {
      throw parse_error("Frames must be text.");
    }
    auto frame = context_->reader().read(payload);
    auto name = frame.find("stream");
    if (name && name->type() == json_type::text) {
      stream_name = name->to_text();
    }
    if (stream_name == "null" || !frame.find("payload")) {
      throw parse_error("A frame is an object with a stream and a payload.");
    }
    receive_for(name->text(), frame, payload);
  } catch (...) {
    context_->send(refusal(stream_name, std::current_exception(), "null", "null"));
  }
}

void multiplexer::receive_for(std::string_view name, json_view frame, std::string_view text) {
  auto found = std::ranges::find(streams_, name, [](const auto& x) { return x->name(); });
  if (found != streams_.end() && (*found)->reached() == stream::state::open) {
    (*found)->receive(text);
    return;
  }
  std::exception_ptr reason;
  if (found == streams_.end()) {
    reason = std::make_exception_ptr(not_found(fmt::format("There is no stream {}.", name)));
  } else if ((*found)->reached() == stream::state::refused) {
    reason = std::make_exception_ptr(permission_denied());
  } else {
    reason = std::make_exception_ptr(api_exception(410, "The stream is closed."));
  }
  auto payload = *frame.find("payload");
  std::string stream_name;
  append_json_string(stream_name, name);
  context_->send(refusal(stream_name, reason, member_text(payload, "action"),
                         member_text(payload, "request_id")));
}

void multiplexer::send(std::string frame) {
  if (is_decided_) {
    context_->send(std::move(frame));
  } else {
    early_frames_.push({.payload = std::move(frame)});
    context_->queued();
  }
}

// -- the end --------------------------------------------------------------------------------------

void multiplexer::closed(std::uint16_t code) {
  close_code_ = code;
  if (is_decided_) {
    close_if_unused();
  }
}

void multiplexer::close_if_unused() {
  if (!any_is(stream::state::open)) {
    context_->close(close_code_);
  }
}

void multiplexer::stop() {
  for (const auto& x : streams_) {
    x->stop();
  }
}

void multiplexer::disconnect(std::uint16_t code) {
  if (is_disconnected_) {
    return;
  }
  // Before the streams were started there is nothing of them to end.
  opening_ = {};
  user_.stop();
  for (const auto& x : streams_) {
    x->disconnect(code);
  }
  is_disconnected_ = true;
  finished();
}

void multiplexer::finished() {
  auto has_finished = [](const auto& x) { return x->is_finished(); };
  if (is_disconnected_ && !is_finished_ && std::ranges::all_of(streams_, has_finished)) {
    is_finished_ = true;
    context_->finished();
  }
}

void multiplexer::abort() {
  is_finished_ = true;
  opening_ = {};
  user_.stop();
  for (const auto& x : streams_) {
    x->abort();
  }
}

bool multiplexer::any_is(stream_state x) const {
  return std::ranges::any_of(streams_, [x](const auto& stream) { return stream->reached() == x; });
}

} // namespace dcrf
