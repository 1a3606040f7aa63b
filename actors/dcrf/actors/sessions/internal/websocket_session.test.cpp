#include "dcrf/actors/sessions/internal/websocket_session.hpp"

#include "dcrf/actors/internal/actors_testing.hpp"
#include "dcrf/actors/internal/slow_links.hpp"
#include "dcrf/session/endpoint.hpp"

#include <caf/scoped_actor.hpp>

#include <future>
#include <mutex>

using namespace std::chrono_literals;

namespace dcrf::actors_test::websocket_session_tests {

namespace {

// What a session did to its connection, in words. It closes when the test says so.
class fake_connection final : public connection {
public:
  void accept(const websocket_options&, std::string_view subprotocol) override {
    note(subprotocol.empty() ? "accept" : "accept " + std::string{subprotocol});
  }
  void refuse(http_response response) override {
    note("refuse " + std::to_string(response.status));
  }
  void send(std::string frame) override { note(frame); }
  void send(std::shared_ptr<const std::string> head, std::string tail) override {
    note(*head + tail);
  }
  void send_bytes(std::string bytes) override { note("bytes " + bytes); }
  void close(std::uint16_t code, std::string_view) override {
    note("close " + std::to_string(code));
  }
  bool is_congested() override { return congested; }
  void pause_reading() override { note("pause"); }
  void resume_reading() override { note("resume"); }

  std::vector<std::string> notes() const {
    std::lock_guard lock{mutex_};
    return notes_;
  }
  std::atomic<bool> congested{false};

  std::size_t count(const std::string& text) const {
    auto all = notes();
    return static_cast<std::size_t>(std::ranges::count(all, text));
  }

private:
  void note(std::string x) {
    std::lock_guard lock{mutex_};
    notes_.push_back(std::move(x));
  }

  mutable std::mutex mutex_;
  std::vector<std::string> notes_;
};

// What the consumer of a test is told and tells.
struct controls {
  std::atomic<bool> refuses{false};
  std::atomic<bool> hook_hangs{false};
  std::atomic<int> disconnected{0};
  std::atomic<int> close_code{0};
  std::atomic<int> alive{0};
};

class test_consumer : public api_consumer<test_consumer> {
public:
  explicit test_consumer(controls* x) : controls_(*x) { ++controls_.alive; }
  ~test_consumer() override { --controls_.alive; }

  struct text {
    std::string value;
    BOOST_DESCRIBE_CLASS(text, (), (value), (), ())
  };

  task<> connected() override {
    if (controls_.refuses) {
      throw permission_denied();
    }
    co_await group_add("all");
  }

  task<> disconnected(std::uint16_t code) override {
    ++controls_.disconnected;
    controls_.close_code = code;
    if (controls_.hook_hangs) {
      co_await runtime().sleep(1h);
    }
  }

  response echo(text args) { return response::ok(json_text{json(std::move(args.value))}); }

  task<response> create(text args) {
    topic draft{.name = std::move(args.value)};
    auto row = co_await repository<topic>().create(draft);
    co_return response::created(json_text{json(row.id)});
  }

  task<response> watch(request& req) {
    co_await subscribe<all_topics>(req);
    co_return response::created();
  }

  task<response> enter(text args) {
    co_await group_add(std::move(args.value));
    co_return response::created();
  }
  response exit(text args) {
    group_discard(args.value);
    return response::no_content();
  }

  task<response> create_atomically(text args) { return create(std::move(args)); }

  task<> hang() { co_await runtime().sleep(1h); }
  task<> nap() { co_await runtime().sleep(20ms); }

  using actions =
      dcrf::actions<action<"echo", &test_consumer::echo>, action<"create", &test_consumer::create>,
                    action<"watch", &test_consumer::watch>, action<"hang", &test_consumer::hang>,
                    action<"nap", &test_consumer::nap>, action<"exit", &test_consumer::exit>,
                    dcrf::detached_action<"enter", &test_consumer::enter>,
                    dcrf::atomic_action<"create_atomically", &test_consumer::create_atomically>>;

private:
  controls& controls_;
};

struct fixture : node {
  fixture() { limits.end_timeout = 100ms; }

  ~fixture() {
    if (session) {
      caf::anon_send_exit(session, caf::exit_reason::kill);
      wait_for_end();
    }
  }

  void open() {
    on_thread([this] {
      auto actor = spawn_pinned<websocket_session>(thread, services, link, options, limits);
      session = caf::actor_cast<caf::actor>(actor);
      raw = caf::actor_cast<websocket_session*>(actor);
      raw->attach_functor([this] { ended = true; });
      raw->open(endpoint_of<test_consumer>(&control), {}, nullptr);
    });
  }

  void receive(const std::string& frame) {
    on_thread([&] { raw->receive(frame, true); });
  }

  void request(const std::string& action, const std::string& value = "x") {
    receive(json{{"action", action}, {"value", value}, {"request_id", 1}}.dump());
  }

  void closed() {
    on_thread([this] { raw->closed(1000); });
  }

  void wait_for_end() {
    wait_until([this] { return ended.load(); });
    // What comes from the connection still is ignored.
    on_thread([this] {
      raw->receive("{}", true);
      raw->closed(1000);
    });
    CHECK(control.alive == 0);
    CHECK(memberships() == 0);
    CHECK_FALSE(directory.has_members(everybody));
    session = nullptr;
  }

  void wait_for(const std::string& note) {
    wait_until([&] { return link->count(note) > 0; });
  }

  [[nodiscard]] std::string last() const { return link->notes().back(); }

  group_name everybody{nullptr, "all"};
  controls control;
  websocket_options options;
  session_limits limits;
  std::shared_ptr<fake_connection> link = std::make_shared<fake_connection>();
  caf::actor session;
  websocket_session* raw = nullptr;
  std::atomic<bool> ended{false};
};

using notes = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(fixture, "a session accepts, answers and ends with its connection", "[session]") {
  open();
  CHECK(link->notes() == notes{"accept"});
  CHECK(memberships() == 1);
  request("echo", "hello");
  CHECK(json::parse(last())["data"] == "hello");
  CHECK(json::parse(last())["request_id"] == 1);
  request("create", "caf");
  wait_until([this] { return link->notes().size() == 3; });
  CHECK(json::parse(last())["response_status"] == 201);
  receive("no JSON");
  CHECK(json::parse(last())["response_status"] == 400);
  closed();
  CHECK(control.disconnected == 1);
  CHECK(control.close_code == 1000);
  wait_for_end();
}

TEST_CASE_METHOD(fixture, "a group that is left while other nodes do not know of its join is left",
                 "[session]") {
  slow_links links;
  directory.links(&links);
  open();
  links.confirm_all();
  wait_for("accept");
  request("enter", "lobby");
  CHECK(links.holds() == 2);
  int lasting = 1;
  SECTION("for good") { request("exit", "lobby"); }
  SECTION("unless it is joined again") {
    request("exit", "lobby");
    request("enter", "lobby");
    CHECK(links.holds() == 3);
    lasting = 2;
  }
  SECTION("when the connection ends") {
    closed();
    wait_until([this] { return ended.load(); });
    lasting = 0;
  }
  links.confirm_all();
  wait_until([&] { return links.holds() == lasting; });
  if (!ended) {
    wait_until([&] { return memberships() == static_cast<std::size_t>(lasting); });
    closed();
  }
  wait_until([this] { return ended.load(); });
  directory.links(nullptr);
  wait_for_end();
}

TEST_CASE_METHOD(fixture, "a session that refuses ends when its connection is gone", "[session]") {
  control.refuses = true;
  open();
  CHECK(link->notes() == notes{"refuse 403"});
  receive(R"({"action":"echo","value":"x","request_id":1})");
  CHECK(link->notes().size() == 1);
  closed();
  wait_for_end();
  CHECK(control.disconnected == 0);
}

TEST_CASE_METHOD(fixture, "messages of groups and of other actors become frames", "[session]") {
  open();
  request("watch");
  wait_until([this] { return link->notes().size() == 2; });
  directory.publish(message_to(everybody, "to all"));
  wait_for("\"to all\"");
  request("create", "caf");
  wait_until([this] { return link->notes().size() == 5; });
  CHECK(json::parse(link->notes()[3])["response_status"] == 201);
  CHECK(json::parse(link->notes()[4])["action"] == "create");
  CHECK(json::parse(link->notes()[4])["data"] == "caf");

  caf::anon_send(session, send_frame{json_text{json("own")}});
  wait_for("\"own\"");
  caf::anon_send(session, close_session{4000});
  wait_for("close 4000");
}

TEST_CASE_METHOD(fixture, "what comes after the close is not taken", "[session]") {
  open();
  caf::anon_send(session, close_session{1000});
  wait_for("close 1000");
  request("echo");
  directory.publish(message_to(everybody, "late"));
  on_thread([] {}); // the group actor has had its turn
  CHECK(last() == "close 1000");
  closed();
  wait_for_end();
}

TEST_CASE_METHOD(fixture, "reading pauses while requests pile up", "[session]") {
  limits.bounds.waiting_requests = 1000;
  open();
  request("nap");
  request("echo", std::string(600, 'a'));
  CHECK(link->count("pause") == 0);
  request("echo", std::string(600, 'b'));
  CHECK(link->count("pause") == 1);
  request("echo", std::string(600, 'c'));
  CHECK(link->count("pause") == 1);
  CHECK(link->count("resume") == 0);
  wait_for("resume");
  auto all = link->notes();
  REQUIRE(all.size() == 6); // accept, pause, three replies, resume
  CHECK(json::parse(all[2])["data"] == std::string(600, 'a'));
  CHECK(json::parse(all[4])["data"] == std::string(600, 'c'));
}

TEST_CASE_METHOD(fixture, "a client whose events pile up is cut off", "[session]") {
  limits.bounds.size = 11'000;
  open();
  request("hang");
  for (int i = 0; i < 4; ++i) {
    directory.publish(message_to(everybody, std::string(2000, 'x')));
  }
  on_thread([] {});
  CHECK(link->count("close 1013") == 0);
  directory.publish(message_to(everybody, std::string(2000, 'x')));
  wait_for("close 1013");
  // What it is sent from now on costs nothing.
  directory.publish(message_to(everybody, std::string(200, 'x')));
  on_thread([] {});
  CHECK(link->count("close 1013") == 1);
}

TEST_CASE_METHOD(fixture, "the running action ends before the hook runs", "[session]") {
  limits.end_timeout = 1min;
  open();
  request("nap");
  closed();
  CHECK(control.disconnected == 0);
  wait_for_end();
  CHECK(control.disconnected == 1);
  CHECK(link->notes() == notes{"accept", "close 1001"});
}

TEST_CASE_METHOD(fixture, "requests wait until their client takes its replies", "[session]") {
  open();
  link->congested = true;
  request("create", "slow");
  SECTION("as long as it does not") {
    CHECK(link->notes() == notes{"accept"});
    link->congested = false;
    on_thread([this] { raw->drained(); });
    wait_until([this] { return link->notes().size() == 2; });
    CHECK(json::parse(last())["response_status"] == 201);
  }
  SECTION("or is gone") {
    link->congested = false;
    closed();
    wait_for_end();
    CHECK(control.disconnected == 1);
  }
}

TEST_CASE_METHOD(fixture, "requests that came before the end are handled", "[session]") {
  limits.end_timeout = 1min;
  open();
  request("nap");
  request("create", "unanswered");
  closed();
  wait_for_end();
  CHECK(control.disconnected == 1);
  CHECK(link->notes() == notes{"accept", "close 1001"});
  open();
  request("create", "unanswered");
  wait_until([this] { return link->notes().size() == 4; });
  CHECK(json::parse(last())["response_status"] == 400); // the name is taken
}

TEST_CASE_METHOD(fixture, "actions and hooks that do not end are ended", "[session]") {
  open();
  SECTION("an action") {
    request("hang");
    request("create", "never begun");
    closed();
    wait_for_end();
    CHECK(control.disconnected == 0);
  }
  SECTION("the hook") {
    control.hook_hangs = true;
    closed();
    CHECK(control.disconnected == 1);
    wait_for_end();
  }
}

TEST_CASE_METHOD(fixture, "a transaction opened for a session that is gone holds up nobody",
                 "[session]") {
  open();
  caf::scoped_actor self{system};
  const auto& repository = store.repository(model_of<topic>());
  auto ask = [&](command x) {
    store_result answer;
    self->request(repository, 5s, std::move(x))
        .receive([&](store_result& result) { answer = std::move(result); },
                 [](const caf::error&) { FAIL("the store does not answer"); });
    return answer;
  };
  command begin;
  begin.body = begin_command{};
  auto first = ask(begin).transaction;
  request("create_atomically", "late");
  closed();
  // Its actions are ended when this has passed, but it waits for what it asked the store for.
  std::promise<void> passed;
  auto timer = on_thread(
      [&] { return thread.after(limits.end_timeout + 1ms, [&passed] { passed.set_value(); }); });
  passed.get_future().wait();
  CHECK_FALSE(ended);
  command commit;
  commit.body = commit_command{};
  commit.transaction = first;
  ask(commit);
  wait_for_end();
  command create;
  create.body =
      create_command{.model = &model_of<topic>(), .values = to_record(topic{.name = "x"})};
  CHECK_FALSE(ask(create).error);
}

TEST_CASE_METHOD(fixture, "an exit message closes the connection with 1001", "[session]") {
  open();
  caf::anon_send_exit(session, caf::exit_reason::user_shutdown);
  wait_for("close 1001");
  CHECK_FALSE(ended);
  closed();
  wait_for_end();
  CHECK(control.disconnected == 1);
}

TEST_CASE_METHOD(fixture, "killing leaves out the hooks", "[session]") {
  open();
  request("hang");
  request("echo");
  caf::anon_send_exit(session, caf::exit_reason::kill);
  wait_for_end();
  CHECK(control.disconnected == 0);
  CHECK(last() == "close 1001");
}

TEST_CASE_METHOD(fixture, "a session answers with 503 once the store is gone", "[session]") {
  open();
  for (const auto& repository : store.repositories()) {
    caf::anon_send_exit(repository, caf::exit_reason::kill);
  }
  request("create");
  wait_until([this] { return link->notes().size() == 2; });
  CHECK(json::parse(last())["response_status"] == 503);
}

} // namespace dcrf::actors_test::websocket_session_tests
