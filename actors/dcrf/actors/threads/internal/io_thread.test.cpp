#include "dcrf/actors/threads/internal/io_thread.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>
#include <catch2/catch.hpp>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace io_thread_tests {

using namespace std::chrono_literals;

namespace {

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  dcrf::io_thread thread{system, 7};

  // What `call` returns on the thread.
  template <class Function>
  auto on_thread(Function call) {
    std::promise<decltype(call())> result;
    thread.post([&] { result.set_value(call()); });
    return result.get_future().get();
  }
};

struct idle_actor : dcrf::pinned_actor {
  using pinned_actor::pinned_actor;
  caf::behavior make_behavior() override {
    return {[](int) {}};
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "an I/O thread calls what is posted, in order", "[io_thread]") {
  std::vector<int> seen;
  thread.post([&] { seen.push_back(1); }); // waits for the start
  thread.post([&] { seen.push_back(2); });
  thread.start();
  CHECK(on_thread([this] { return thread.runs_here(); }));
  CHECK_FALSE(thread.runs_here());
  CHECK(seen == std::vector{1, 2});
  CHECK(thread.number() == 7);
  CHECK(on_thread([] {
          std::array<char, 16> name{};
          pthread_getname_np(pthread_self(), name.data(), name.size());
          return std::string{name.data()};
        })
        == "dcrf-io-7");
}

namespace {

struct listening final : dcrf::turn_listener {
  explicit listening(std::function<void()> x) : call(std::move(x)) {}
  void turn_ended() override { call(); }
  std::function<void()> call;
};

} // namespace

TEST_CASE_METHOD(fixture, "a turn ends when nothing is ready any more", "[io_thread]") {
  std::string seen;
  auto listener = std::make_shared<listening>([&] { seen += "end "; });
  thread.post([&] {
    thread.when_turn_ends(listener);
    thread.post([&] {
      seen += "second ";
      thread.post([&] { seen += "third "; });
    });
    seen += "first ";
  });
  thread.run_turn(1s);
  CHECK(seen == "first second third end ");
  thread.post([&] { seen += "next "; });
  thread.run_turn(1s);
  CHECK(seen == "first second third end next ");
}

TEST_CASE_METHOD(fixture, "a listener may ask to be told of the next turn", "[io_thread]") {
  int told = 0;
  std::shared_ptr<listening> listener;
  listener = std::make_shared<listening>([&] {
    if (++told < 3) {
      thread.when_turn_ends(listener);
    }
  });
  thread.when_turn_ends(listener);
  thread.run_turn({});
  CHECK(told == 1);
  thread.run_turn({});
  thread.run_turn({});
  thread.run_turn({});
  CHECK(told == 3);
  listener->call = nullptr;
}

TEST_CASE_METHOD(fixture,
                 "mail for another thread leaves at the end of a turn, or when it is handed over",
                 "[io_thread]") {
  struct counter : dcrf::pinned_actor {
    using pinned_actor::pinned_actor;
    caf::behavior make_behavior() override {
      return {[this](int x) { *sum += x; }};
    }
    int* sum = nullptr;
  };
  dcrf::io_thread other{system, 8};
  int sum = 0;
  auto actor = dcrf::spawn_pinned<counter>(other);
  caf::actor_cast<counter*>(actor)->sum = &sum;
  other.run_turn(1s); // it starts
  thread.post([&] {
    caf::anon_send(actor, 1);
    other.run_turn({});
    CHECK(sum == 0);
    thread.hand_over();
    other.run_turn({});
    CHECK(sum == 1);
    caf::anon_send(actor, 2);
    caf::anon_send(actor, 3);
  });
  thread.run_turn(1s);
  other.run_turn(1s);
  CHECK(sum == 6);
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  other.run_turn(1s);
}

TEST_CASE_METHOD(fixture, "timers fire in the order of their deadlines", "[io_thread]") {
  thread.start();
  std::promise<std::string> order;
  std::string text;
  std::vector<dcrf::timer_handle> handles;
  on_thread([&] {
    handles.push_back(thread.after(20ms, [&] { order.set_value(text + "c"); }));
    handles.push_back(thread.after(10ms, [&] { text += "b"; }));
    handles.push_back(thread.after(0ms, [&] { text += "a"; }));
    return handles.front().is_pending();
  });
  CHECK(order.get_future().get() == "abc");
  CHECK_FALSE(on_thread([&] { return handles.front().is_pending(); }));
}

TEST_CASE_METHOD(fixture, "a thread has all its descriptors before it starts", "[io_thread]") {
  auto next_descriptor = [] {
    auto result = dup(0);
    close(result);
    return result;
  };
  auto before = next_descriptor();
  auto timer = thread.after(1h, [] {});
  CHECK(next_descriptor() == before);
}

TEST_CASE_METHOD(fixture, "a cancelled timer does not fire, nor one without handle",
                 "[io_thread]") {
  thread.start();
  std::promise<void> end;
  auto called = std::make_shared<std::string>();
  auto pending = on_thread([&] {
    auto cancelled = thread.after(0ms, [called] { *called += "cancelled "; });
    cancelled.cancel();
    {
      auto dropped = thread.after(0ms, [called] { *called += "dropped "; });
    }
    auto replaced = thread.after(0ms, [called] { *called += "replaced "; });
    replaced = dcrf::timer_handle{};
    thread.after(1ms, [called] { *called += "detached"; }).detach();
    thread.after(5ms, [&end] { end.set_value(); }).detach();
    return cancelled.is_pending();
  });
  end.get_future().wait();
  CHECK_FALSE(pending);
  CHECK(on_thread([&] { return *called; }) == "detached");
  // The functions of the timers that did not fire are gone as well.
  CHECK(on_thread([&] { return called.use_count(); }) == 1);
}

TEST_CASE_METHOD(fixture, "stopping drops what is pending, actors' mail included", "[io_thread]") {
  auto witness = std::make_shared<int>();
  thread.start();
  auto timer = on_thread([&] {
    return std::make_unique<dcrf::timer_handle>(thread.after(1h, [witness] { ++*witness; }));
  });
  thread.stop();
  thread.stop();
  thread.post([witness] { ++*witness; });
  {
    auto own = std::make_unique<dcrf::io_thread>(system);
    auto actor = dcrf::spawn_pinned<idle_actor>(*own);
    caf::anon_send(actor, 1);
    actor = nullptr;
    // The destructor of the thread releases the actor, or the actor system would wait for ever.
  }
  CHECK(*witness == 0);
  CHECK(system.registry().running() == 0);
}

} // namespace io_thread_tests
