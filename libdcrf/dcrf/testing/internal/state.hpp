#pragma once

#include "dcrf/observer/internal/announcer.hpp"
#include "dcrf/observer/internal/live_lists.hpp"
#include "dcrf/routing/internal/http_routes.hpp"
#include "dcrf/routing/internal/router.hpp"
#include "dcrf/store/internal/command_queue.hpp"
#include "dcrf/testing/internal/hub.hpp"
#include "dcrf/testing/internal/loop.hpp"
#include "dcrf/testing/test_server.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dcrf {

/// What the sessions of a test server share.
struct test_server::state {
  explicit state(schema listed)
      : models(std::move(listed)),
        db({.url = "sqlite://:memory:"}, models),
        announcing(db, channels),
        lists(db, channels),
        queue(db, [this](const command_queue::committed& done) {
          for (const auto& changes : done.changes) {
            announcing.announce(changes);
            lists.note(changes);
          }
        }) {
    db.load_with_changes([this](const change& x) { return announcing.plans_of(x); },
                         [this](const change& x) { return announcing.group_plans_of(x); });
    db.migrate();
  }

  // Does what is left to do now; whether there was anything.
  bool work() {
    queue.run();
    if (!queue.deadline() && std::exchange(has_unseen, false)) {
      lists.lose();
    }
    return loop.work() || read_list();
  }

  // Reads a list that is watched; whether there was one that could be read.
  bool read_list() {
    return !queue.deadline() && !lists.is_current() && lists.step() != live_lists::progress::failed;
  }

  schema models;
  hub channels;
  database db;
  announcer announcing;
  live_lists lists;
  command_queue queue;
  // Rows were written of which nobody tells.
  bool has_unseen = false;
  internal::test_loop loop;
  router<endpoint> routes;
  http_routes http;
  authentication authenticating;
  frame_reader reader;
  throttle_history throttling;
  // What failed, until a wait without an end tells it.
  std::vector<std::string> failures;
  // Runs the tasks of the test itself.
  std::shared_ptr<session> own;
  std::optional<dcrf::runtime> own_runtime;
};

} // namespace dcrf
