#include "dcrf/actors/threads/internal/pinned.hpp"

#include "dcrf/actors/threads/internal/io_thread.hpp"

#include <caf/actor_registry.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/after.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace pinned_tests {

namespace {

using act_atom = caf::atom_constant<caf::atom("act")>;
using get_atom = caf::atom_constant<caf::atom("get")>;
using event_atom = caf::atom_constant<caf::atom("event")>;
using bye_atom = caf::atom_constant<caf::atom("bye")>;

struct counters {
  std::atomic<long> alive{0};
  std::atomic<long> foreign_runs{0};
  std::atomic<long> exits{0};
  std::atomic<long> answers{0};
  std::atomic<long> events{0};
  std::atomic<long> strangers{0};
};

// Does what sessions do: requests, delayed messages to itself, quitting in the middle.
class session : public dcrf::pinned_actor {
public:
  session(caf::actor_config& config, dcrf::pinning_unit& unit, caf::actor store, counters& counts)
      : pinned_actor(config, unit), store_(std::move(store)), counts_(counts) {
    ++counts_.alive;
  }

  ~session() override { --counts_.alive; }

  void on_exit() override {
    look();
    ++counts_.exits;
    store_ = nullptr;
  }

  bool cleanup(caf::error&& reason, caf::execution_unit* host) override {
    return clean_up_without_clock(std::move(reason), host);
  }

  caf::behavior make_behavior() override {
    return {
        [this](act_atom, int n) {
          look();
          request(store_, caf::infinite, get_atom::value, n)
              .then(
                  [this](int answer) {
                    look();
                    ++counts_.answers;
                    counts_.answers.notify_all();
                    if (answer % 7 == 0) {
                      delayed_send(this, std::chrono::milliseconds{2}, event_atom::value);
                    }
                  },
                  [this](caf::error&) { look(); });
        },
        [this](event_atom) {
          look();
          ++counts_.events;
        },
        [this](bye_atom) {
          look();
          quit();
        },
    };
  }

private:
  void look() {
    if (!unit().runs_here()) {
      ++counts_.foreign_runs;
    }
  }

  caf::actor store_;
  counters& counts_;
};

// An ordinary actor, which must never be run by an I/O thread although sessions wake it.
class store : public caf::event_based_actor {
public:
  store(caf::actor_config& config, std::vector<dcrf::io_thread*> threads, counters& counts)
      : caf::event_based_actor(config), threads_(std::move(threads)), counts_(counts) {}

  caf::behavior make_behavior() override {
    return {[this](get_atom, int n) {
      for (auto* thread : threads_) {
        if (thread->runs_here()) {
          ++counts_.strangers;
        }
      }
      return n;
    }};
  }

private:
  std::vector<dcrf::io_thread*> threads_;
  counters& counts_;
};

// Returns how many of the messages will be answered if nobody quits.
long send_at_random(const std::vector<caf::actor>& sessions, unsigned seed, bool may_end) {
  std::mt19937 random{seed};
  long acts = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto& target = sessions[random() % sessions.size()];
    auto kind = random() % 20;
    if (kind == 0 && may_end) {
      caf::anon_send(target, bye_atom::value);
    } else if (kind == 1 && may_end) {
      caf::anon_send_exit(target, caf::exit_reason::user_shutdown);
    } else if (kind == 2) {
      caf::anon_send(target, event_atom::value);
    } else {
      caf::anon_send(target, act_atom::value, static_cast<int>(random() % 1000));
      ++acts;
    }
  }
  return acts;
}

long send_from_three_threads(const std::vector<caf::actor>& sessions, bool may_end) {
  std::atomic<long> acts{0};
  std::vector<std::thread> senders;
  for (unsigned seed = 0; seed < 3; ++seed) {
    senders.emplace_back([&, seed] { acts += send_at_random(sessions, seed, may_end); });
  }
  for (auto& sender : senders) {
    sender.join();
  }
  return acts;
}

} // namespace

TEST_CASE("pinned actors run on their thread only, and strangers never do", "[pinned]") {
  counters counts;
  caf::actor_system_config config;
  config.set("scheduler.max-threads", std::size_t{2});
  {
    caf::actor_system system{config};
    std::vector<std::unique_ptr<dcrf::io_thread>> threads;
    std::vector<dcrf::io_thread*> pointers;
    for (std::size_t i = 0; i < 3; ++i) {
      threads.push_back(std::make_unique<dcrf::io_thread>(system, i));
      threads.back()->start();
      pointers.push_back(threads.back().get());
    }
    auto backend = system.spawn<store>(pointers, std::ref(counts));
    std::vector<caf::actor> sessions;
    for (std::size_t i = 0; i < 60; ++i) {
      sessions.push_back(dcrf::spawn_pinned<session>(*threads[i % 3], backend, std::ref(counts)));
    }

    auto acts = send_from_three_threads(sessions, false);
    for (auto answered = counts.answers.load(); answered < acts; answered = counts.answers.load()) {
      counts.answers.wait(answered);
    }
    send_from_three_threads(sessions, true);

    caf::scoped_actor self{system};
    for (const auto& each : sessions) {
      self->send_exit(each, caf::exit_reason::user_shutdown);
    }
    self->wait_for(sessions);
    self->send_exit(backend, caf::exit_reason::user_shutdown);
    self->wait_for(backend);
    sessions.clear();
    backend = nullptr;
    for (auto& thread : threads) {
      thread->stop();
    }
    threads.clear();
  } // would hang here on any actor or logger that was left behind
  CHECK(counts.foreign_runs == 0);
  CHECK(counts.strangers == 0);
  CHECK(counts.exits == 60);
  CHECK(counts.events > 0);
  CHECK(counts.alive == 0);
}

TEST_CASE("what waits behind the end of a pinned actor is answered, and its end is told",
          "[pinned]") {
  constexpr std::chrono::seconds patience{5};
  counters counts;
  caf::actor_system_config config;
  {
    caf::actor_system system{config};
    dcrf::io_thread thread{system};
    caf::scoped_actor self{system};
    caf::actor none;
    auto ending = dcrf::spawn_pinned<session>(thread, none, std::ref(counts));
    auto running = system.registry().running();
    self->monitor(ending);
    self->send(ending, bye_atom::value);
    auto waiting = self->request(ending, patience, event_atom::value);
    thread.start();
    caf::error refused;
    waiting.receive([] {}, [&refused](caf::error& x) { refused = x; });
    CHECK(refused == caf::sec::request_receiver_down);
    caf::error told;
    self->receive([&told](caf::down_msg& x) { told = x.reason; }, caf::after(patience) >> [] {});
    CHECK(told == caf::exit_reason::normal);
    CHECK(system.registry().running() == running - 1);
    ending = nullptr;
    thread.stop();
  }
  CHECK(counts.exits == 1);
  CHECK(counts.alive == 0);
}

} // namespace pinned_tests
