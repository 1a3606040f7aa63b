#pragma once

#include "dcrf/observer/announcer.hpp"
#include "dcrf/routing/http_routes.hpp"
#include "dcrf/routing/router.hpp"
#include "dcrf/store/command_queue.hpp"
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
        queue(db, [this](const command_queue::committed& done) {
          for (const auto& changes : done.changes) {
            announcing.announce(changes);
          }
        }) {
    db.load_with_changes([this](const change& x) { return announcing.plans_of(x); },
                         [this](const change& x) { return announcing.group_plans_of(x); });
    db.migrate();
  }

  // Does what is left to do now; whether there was anything.
  bool work() {
    queue.run();
    return loop.work();
  }

  schema models;
  hub channels;
  database db;
  announcer announcing;
  command_queue queue;
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
