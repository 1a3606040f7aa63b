#pragma once

// What the tests of the actors share: models, and one I/O thread with its store as a server has
// them, but without sockets.

#include "dcrf/actors/groups/internal/group_broadcaster.hpp"
#include "dcrf/actors/groups/internal/group_directory.hpp"
#include "dcrf/actors/groups/internal/io_services.hpp"
#include "dcrf/actors/store/internal/store_thread.hpp"
#include "dcrf/actors/threads/internal/worker_pool.hpp"
#include "dcrf/model/model.hpp"
#include "dcrf/observer/model_observer.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dcrf::actors_test {

struct topic {
  std::int64_t id{};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(topic, (), (id, name))

struct entry {
  std::int64_t id{};
  std::int64_t topic{};
  std::string text;
};
BOOST_DESCRIBE_STRUCT(entry, (), (id, topic, text))

} // namespace dcrf::actors_test

template <>
struct dcrf::model<dcrf::actors_test::topic> {
  using topic = dcrf::actors_test::topic;
  static constexpr auto table = "actors_topic";
  using primary_key = dcrf::primary_key<&topic::id>;
  using fields = dcrf::fields<dcrf::text_field<&topic::name, dcrf::max_length<30>, dcrf::unique>>;
};

template <>
struct dcrf::model<dcrf::actors_test::entry> {
  using topic = dcrf::actors_test::topic;
  using entry = dcrf::actors_test::entry;
  static constexpr auto table = "actors_entry";
  using primary_key = dcrf::primary_key<&entry::id>;
  using fields = dcrf::fields<dcrf::foreign_key<&entry::topic, topic, dcrf::on_delete::cascade>,
                              dcrf::text_field<&entry::text, dcrf::max_length<100>>>;
};

namespace dcrf::actors_test {

// How often the body of a topic named "later" can't be made yet.
inline std::atomic<int> refusals{0};

struct all_topics : model_observer<topic> {
  static json_text body(const topic& row, change_kind) {
    if (row.name == "later" && refusals-- > 0) {
      throw store_failure(store_errc::unavailable, "the database is gone");
    }
    if (row.name == "unspeakable") {
      throw std::runtime_error("this has no body");
    }
    return json_text{json(row.name)};
  }
};

inline group_name topics_group() {
  return {&observer_of<all_topics>(), group_key_of<all_topics>()};
}

inline command create_topic(std::string name, std::uint64_t transaction = 0) {
  return {create_command{.model = &model_of<topic>(),
                         .values = to_record(topic{.name = std::move(name)})},
          transaction};
}

inline command count_topics(std::uint64_t transaction = 0) {
  return {count_command{.rows = {.model = &model_of<topic>()}}, transaction};
}

inline group_message_ptr message_to(group_name target, std::string text,
                                    std::uint64_t version = 0) {
  auto result = std::make_shared<group_message>();
  result->target = std::move(target);
  result->text = std::make_shared<event_text>(json_text{json(std::move(text))});
  result->version = version;
  return result;
}

/// Waits until the condition holds; fails the test if it does not within 20 s.
inline void wait_until(const std::function<bool()>& condition) {
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) {
      FAIL("the condition did not come true");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

/// One I/O thread and a store in memory.
class node {
public:
  explicit node(std::string url = "sqlite://:memory:")
      : store(system, {.url = std::move(url)}, schema::of<topic, entry>(), directory) {
    store.start();
    groups = caf::actor_cast<group_actor>(spawn_pinned<group_broadcaster>(thread, services));
    directory.add(caf::actor_cast<caf::actor>(groups));
    thread.start();
  }

  /// Calls `body` on the I/O thread, and waits for what it returns.
  template <class Function>
  auto on_thread(Function body) {
    std::packaged_task<decltype(body())()> job{std::move(body)};
    auto result = job.get_future();
    thread.post([&job] { job(); });
    return result.get();
  }

  node(const node&) = delete;
  node& operator=(const node&) = delete;

  ~node() {
    workers.join();
    directory.clear();
    caf::anon_send_exit(groups, caf::exit_reason::kill);
    groups = nullptr;
    on_thread([] {});
    thread.stop();
    store.stop();
  }

  [[nodiscard]] std::size_t memberships() const { return services.groups.size(); }

  caf::actor_system_config config;
  caf::actor_system system{config};
  group_directory directory;
  worker_pool workers{{.threads = 1}};
  store_thread store;
  io_thread thread{system};
  throttle_history throttling;
  io_services services{thread, directory, store, workers, throttling, group_table{directory, 0}};
  group_actor groups;
};

} // namespace dcrf::actors_test
