#include "dcrf/actors/sessions/internal/session_registry.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch.hpp>

#include <thread>

namespace session_registry_tests {

using namespace std::chrono_literals;

namespace {

class quiet_session : public dcrf::session_actor::base {
public:
  using dcrf::session_actor::base::base;

  behavior_type make_behavior() override {
    return {[](const dcrf::send_frame&) {}, [](const dcrf::close_session&) {},
            [](const dcrf::look_after_user&) {}};
  }
};

class quiet_task : public caf::event_based_actor {
public:
  using caf::event_based_actor::event_based_actor;

  // Would go on for ever, as if it refused to end.
  caf::behavior make_behavior() override {
    set_exit_handler([](const caf::exit_msg&) {});
    return {[](int) {}};
  }
};

struct fixture {
  dcrf::session_registry registry; // outlives the actors, as in a server
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};

  // As a server does it.
  template <class Handle>
  Handle keep(Handle x) {
    registry.add(x);
    x->attach_functor([this, id = x.id()] { registry.remove(id); });
    return x;
  }

  static auto soon() { return std::chrono::steady_clock::now() + 20s; }
  static auto now() { return std::chrono::steady_clock::now(); }
};

} // namespace

TEST_CASE_METHOD(fixture, "sessions are listed, tasks only counted", "[session_registry]") {
  CHECK(registry.wait_until_empty(now()));
  auto session = keep(system.spawn<quiet_session>());
  auto task = keep(caf::actor{system.spawn<quiet_task>()});
  CHECK(registry.size() == 2);
  CHECK(registry.session_count() == 1);
  CHECK(registry.sessions() == std::vector{session});
  CHECK_FALSE(registry.wait_until_empty(now()));

  caf::anon_send_exit(session, caf::exit_reason::user_shutdown);
  self->wait_for(session);
  registry.remove(session.id()); // a second time
  CHECK(registry.sessions().empty());
  CHECK(registry.session_count() == 0);
  registry.kill_all();
  CHECK(registry.wait_until_empty(soon()));
  CHECK(registry.size() == 0);
}

TEST_CASE_METHOD(fixture, "waiting ends with the last actor", "[session_registry]") {
  auto first = keep(system.spawn<quiet_session>());
  auto second = keep(system.spawn<quiet_session>());
  std::thread waiting{[this] { CHECK(registry.wait_until_empty(soon())); }};
  caf::anon_send_exit(first, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(second, caf::exit_reason::user_shutdown);
  waiting.join();
  CHECK(registry.size() == 0);
}

TEST_CASE_METHOD(fixture, "killing ends also those who ignore exit messages",
                 "[session_registry]") {
  auto task = keep(caf::actor{system.spawn<quiet_task>()});
  caf::anon_send_exit(task, caf::exit_reason::user_shutdown);
  CHECK_FALSE(registry.wait_until_empty(now()));
  registry.kill_all();
  CHECK(registry.wait_until_empty(soon()));
}

} // namespace session_registry_tests
