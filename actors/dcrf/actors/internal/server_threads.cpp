#include "dcrf/actors/internal/server_threads.hpp"

#include "dcrf/actors/groups/internal/group_broadcaster.hpp"
#include "dcrf/actors/internal/store_options.hpp"
#include "dcrf/actors/sessions/internal/user_watch.hpp"
#include "dcrf/actors/store/internal/direct_reads.hpp"
#include "dcrf/actors/store/internal/pipelined_reads.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <exception>
#include <future>
#include <utility>

namespace dcrf::internal {

namespace {

// Ends an actor, waits for that, and lets go of it.
template <class Handle>
void end_actor(Handle& actor) {
  if (actor) {
    std::promise<void> ended;
    actor->attach_functor([&ended] { ended.set_value(); });
    caf::anon_send_exit(actor, caf::exit_reason::kill);
    ended.get_future().wait();
    actor = nullptr;
  }
}

} // namespace

void server_threads::start(repository_source& store, store_thread* own, const schema& models) {
  auto reading = reading_connections(*config_);
  if (own != nullptr && reading.of_pool > 0 && !config_->no_direct_reads
      && pipelined_reader::is_possible_for(own->options())) {
    pool_.emplace(own->options(), models, read_pool::limits{.connections = reading.of_pool});
  }
  for (std::size_t i = 0; i < config_->io_threads; ++i) {
    start_thread(store, own, models);
  }
  auto answer = [this](const session_question& x, const node_sessions::answer_function& then) {
    then(answer_of(sessions_, x));
  };
  own_sessions_ = caf::actor_cast<node_sessions_actor>(
      spawn_pinned<node_sessions>(threads_.front()->thread, answer));
}

void server_threads::start_thread(repository_source& store, store_thread* own,
                                  const schema& models) {
  auto& added = *threads_.emplace_back(std::make_unique<server_thread>(
      *system_, threads_.size(), *directory_, store, *workers_, throttling_));
  added.services.is_pipelining = !config_->no_pipelining;
  added.services.logs_requests = config_->log_requests;
  added.thread.start();
  // A stop waits for it.
  added.is_running = true;
  if (own != nullptr && !config_->no_direct_reads
      && snapshot_reader::is_possible_for(own->options())) {
    added.services.reads = std::make_shared<direct_reads>(added.thread, *own);
  }
  if (pool_) {
    added.services.pipeline = std::make_shared<pipelined_reads>(
        added.thread, *pool_, own->options(), models, reading_connections(*config_).of_each_thread);
  }
  auto groups = spawn_pinned<group_broadcaster>(added.thread, added.services);
  added.groups = caf::actor_cast<group_actor>(groups);
  directory_->add(caf::actor_cast<caf::actor>(groups));
}

void server_threads::stop() {
  if (pool_) {
    pool_->stop();
  }
  directory_->clear();
  end_actor(own_sessions_);
  for (auto& x : threads_) {
    if (x->is_running) {
      stop_thread(*x);
    }
  }
}

// The connections that read close before the one that writes, which leaves the database whole.
void server_threads::stop_thread(server_thread& x) {
  end_actor(x.groups);
  // What was posted to the thread before is done when this comes to its turn.
  std::promise<void> handled;
  x.thread.post([&handled, &services = x.services] {
    if (services.pipeline) {
      services.pipeline->close();
    }
    handled.set_value();
  });
  handled.get_future().wait();
  x.thread.stop();
  x.services.reads.reset();
}

void server_threads::watch_users() {
  own_memberships_ = 0;
  const auto& first = *threads_.front();
  users_ = caf::actor_cast<caf::actor>(spawn_pinned<user_watch>(
      threads_.front()->thread, first.groups, sessions_, [this] { own_memberships_ = 1; }));
}

void server_threads::stop_watching_users() { end_actor(users_); }

void server_threads::end_sessions(clock::time_point deadline) {
  if (!sessions_.wait_until_empty(deadline)) {
    spdlog::warn("{} sessions did not end in time", sessions_.size());
    sessions_.kill_all();
    sessions_.wait_until_empty(deadline + std::chrono::seconds{1});
  }
}

void server_threads::clear() {
  threads_.clear();
  pool_.reset();
  workers_.reset();
}

caf::actor server_threads::run_task(io_services& services, task_actor::body_function body,
                                    task_actor::done_function done) {
  auto actor =
      spawn_pinned<task_actor>(services.thread, services, std::move(body), std::move(done));
  auto* raw = caf::actor_cast<task_actor*>(actor);
  auto handle = caf::actor_cast<caf::actor>(actor);
  keep(handle);
  raw->open();
  return handle;
}

void server_threads::run_and_wait(const task_actor::body_function& body) {
  std::promise<void> finished;
  first().thread.post([&] {
    run_task(first(), body, [&finished](const std::exception_ptr& error) {
      if (error) {
        finished.set_exception(error);
      } else {
        finished.set_value();
      }
    });
  });
  finished.get_future().get();
}

} // namespace dcrf::internal
