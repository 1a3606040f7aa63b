// A checker of histories: random writers, copies that follow the feed, and faults. At each position
// a copy must hold what the database held there. `DCRF_HISTORY_SEED` plays one history again (but
// for the moment at which a process is killed), and `DCRF_HISTORIES` says how many are played.

#include "dcrf/store/internal/command_queue.hpp"
#include "dcrf/store/feed.hpp"
#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace feed_histories_tests {

using namespace dcrf;
using namespace dcrf::store_test;

namespace {

constexpr int steps_of_history = 300;
constexpr std::int64_t most_keys = 12;

using table_name = std::string;
// The key of a row, and the row, as text.
using rows = std::map<std::string, std::string>;

std::string text_of(const record& values) {
  std::string result;
  for (const auto& x : values) {
    result += to_string(x) + (is_null(x) ? "|null|" : "|");
  }
  return result;
}

const std::vector<const model_descriptor*>& kept_models() {
  static const std::vector<const model_descriptor*> result{&model_of<person>(), &model_of<place>(),
                                                           &model_of<node>(), &model_of<gadget>()};
  return result;
}

const relation_descriptor& friends() { return *model_of<node>().find_relation("friends"); }

/// All that a database holds at one point, and what the feed calls the point.
struct state {
  feed_position_ptr at{};
  std::map<table_name, rows> tables{};
  // Pairs of related nodes.
  std::set<std::pair<std::string, std::string>> links{};
};

/// A copy that follows the feed.
struct copy {
  state known{};
  // Whether something has happened that may have made the position worthless.
  bool may_be_lost = false;
};

class history {
public:
  explicit history(unsigned seed) : random_(seed), is_bounded_(seed % 3 == 0) {
    if (is_bounded_) {
      options_.feed.retention.entries = 30;
    }
    open(true);
  }

  void play() {
    for (int step = 0; step < steps_of_history; ++step) {
      INFO("step " << step);
      take_step();
    }
    for (auto& x : copies_) {
      follow(x);
    }
  }

private:
  // -- dice ---------------------------------------------------------------------------------------

  std::int64_t number(std::int64_t last) {
    return std::uniform_int_distribution<std::int64_t>{0, last}(random_);
  }
  bool one_in(std::int64_t x) { return number(x - 1) == 0; }
  value key() { return number(most_keys) + 1; }
  std::string name() { return "n" + std::to_string(number(40)); }

  // -- steps --------------------------------------------------------------------------------------

  void take_step() {
    auto what = number(99);
    if (what < 50) {
      write_group();
    } else if (what < 65) {
      write_transaction();
    } else if (what < 75) {
      copies_.push_back({load()});
    } else if (what < 90 && !copies_.empty()) {
      follow(copies_[static_cast<std::size_t>(number(std::ssize(copies_) - 1))]);
    } else {
      fault();
    }
  }

  void fault() {
    switch (number(6)) {
    case 0:
      open(true);
      break;
    case 1:
      while (db_->prune(true)) {
      }
      lose_all();
      break;
    case 2:
      back_up();
      break;
    case 3:
      restore();
      break;
    case 4:
      open(false);
      write_group();
      open(true);
      lose_all();
      break;
    case 5:
      kill_writer();
      break;
    default:
      CHECK(db_->changes()->cut()->text == load().at->text);
    }
  }

  void lose_all() {
    for (auto& x : copies_) {
      x.may_be_lost = true;
    }
  }

  // -- writing ------------------------------------------------------------------------------------

  command random_write() {
    switch (number(8)) {
    case 0:
    case 1:
      return {create_command{.model = &model_of<person>(),
                             .values = to_record(person{.username = name()})}};
    case 2:
      return {update_command{.where = by_key<person>(key()), .changes = {{1, name()}}}};
    case 3:
      return {delete_command{.where = by_key<person>(key())}};
    case 4:
      return {create_command{
          .model = &model_of<place>(),
          .values = to_record(place{.name = name(), .host = std::get<std::int64_t>(key())})}};
    case 5:
      return {
          create_command{.model = &model_of<node>(), .values = to_record(node{.label = name()})}};
    case 6:
      return {
          relate_command{.relation = &friends(),
                         .key = key(),
                         .mode = one_in(3) ? relate_command::how::remove : relate_command::how::add,
                         .keys = {key()}}};
    case 7:
      // A key that changes.
      return {update_command{.where = by_key<gadget>(name()), .changes = {{0, name()}}}};
    default:
      return one_in(2) ? command{delete_command{.where = by_key<node>(key())}}
                       : command{create_command{.model = &model_of<gadget>(),
                                                .values = to_record(gadget{.name = name()})}};
    }
  }

  void write_group() {
    for (auto count = number(6); count >= 0; --count) {
      queue_->push(random_write(), [](const store_result&) {});
    }
    queue_->run();
  }

  void write_transaction() {
    std::uint64_t id = 0;
    auto push = [&](command x) {
      x.transaction = id;
      queue_->push(std::move(x), [&id](const store_result& result) {
        id = result.transaction != 0 ? result.transaction : id;
      });
      queue_->run();
    };
    push({begin_command{}});
    for (auto count = number(4); count >= 0; --count) {
      auto is_inner = one_in(3);
      if (is_inner) {
        push({begin_command{}});
      }
      push(random_write());
      if (is_inner) {
        push(one_in(2) ? command{rollback_command{}} : command{commit_command{}});
      }
    }
    push(one_in(4) ? command{rollback_command{}} : command{commit_command{}});
  }

  // -- reading ------------------------------------------------------------------------------------

  // What a reader beside the writer sees, all at one point.
  state load() {
    auto reading = options_;
    reading.read_only = true;
    database other{reading, all_models()};
    unit_of_work open{other, unit_of_work::access::read};
    state result;
    for (const auto* model : kept_models()) {
      auto& to = result.tables[std::string{model->table}];
      auto read = open.execute({list_command{.rows = {.model = model}}});
      REQUIRE_FALSE(read.error);
      for (const auto& row : read.rows) {
        to[to_string(model->key_of(row.values))] = text_of(row.values);
      }
    }
    fetch related{.kind = fetch::side::targets,
                  .model = &model_of<node>(),
                  .relation = &friends(),
                  .keys_only = true};
    auto nodes = open.execute(
        {list_command{.rows = {.model = &model_of<node>()}, .plan = {std::move(related)}}});
    REQUIRE_FALSE(nodes.error);
    for (const auto& row : nodes.rows) {
      for (const auto& target : row.related.front()) {
        result.links.emplace(to_string(row.values.front()), to_string(target.values.front()));
      }
    }
    result.at = other.changes()->cut();
    return result;
  }

  // Takes a copy from its position to now, as far as the feed can, and looks at it.
  void follow(copy& x) {
    auto now = load();
    auto& log = *db_->changes();
    feed_position since;
    auto standing = log.find(x.known.at->text, kept_models(), since);
    if (standing != feed::standing::known) {
      INFO("a position was not known though nothing had happened");
      CHECK((x.may_be_lost || is_bounded_));
      x = {std::move(now)};
      return;
    }
    std::vector<change> changes;
    for (bool has_more = true; has_more;) {
      auto page = log.read(since, *now.at);
      REQUIRE(page);
      std::ranges::move(page->changes, std::back_inserter(changes));
      since = page->reached;
      has_more = page->has_more;
    }
    check_links(x.known, now, changes);
    auto one_by_one = x.known.tables;
    for (const auto& each : changes) {
      apply(one_by_one, each);
    }
    CHECK(one_by_one == now.tables);
    // Summed, all rows go before any comes, because keys may have changed places.
    auto sums = summed(std::move(changes));
    for (const auto& sum : sums) {
      take_out(x.known.tables, sum);
    }
    for (const auto& sum : sums) {
      put_in(x.known.tables, sum);
    }
    CHECK(x.known.tables == now.tables);
    x = {std::move(now)};
  }

  static void apply(std::map<table_name, rows>& to, const change& x) {
    take_out(to, x);
    put_in(to, x);
  }

  static void take_out(std::map<table_name, rows>& to, const change& x) {
    if (x.before) {
      to[std::string{x.model->table}].erase(to_string(x.model->key_of(*x.before)));
    }
  }

  static void put_in(std::map<table_name, rows>& to, const change& x) {
    if (x.after) {
      to[std::string{x.model->table}][to_string(x.model->key_of(*x.after))] = text_of(*x.after);
    }
  }

  // Each row whose relations are others has a change, of itself or of them.
  static void check_links(const state& before, const state& now,
                          const std::vector<change>& changes) {
    std::set<std::string> told;
    for (const auto& x : changes) {
      if (x.model == &model_of<node>()) {
        told.insert(to_string(x.key()));
      }
    }
    std::vector<std::pair<std::string, std::string>> others;
    std::ranges::set_symmetric_difference(before.links, now.links, std::back_inserter(others));
    for (const auto& [source, target] : others) {
      INFO("the link of " << source << " to " << target);
      CHECK((told.contains(source) || told.contains(target)));
    }
  }

  // -- faults -------------------------------------------------------------------------------------

  void close() {
    queue_.reset();
    db_.reset();
  }

  void open(bool with_feed) {
    close();
    auto with = options_;
    if (!with_feed) {
      with.feed.models.clear();
    }
    db_.emplace(with, all_models());
    db_->migrate();
    queue_.emplace(*db_, [](const command_queue::committed&) {});
  }

  [[nodiscard]] std::filesystem::path file(const char* name) const {
    return std::filesystem::path{folder_.url(name).substr(std::string{"sqlite://"}.size())};
  }

  // A database that is closed is one file.
  void back_up() {
    close();
    std::filesystem::copy_file(file("live.db"), file("backup.db"),
                               std::filesystem::copy_options::overwrite_existing);
    open(true);
  }

  void restore() {
    if (!std::filesystem::exists(file("backup.db"))) {
      return;
    }
    close();
    std::filesystem::remove(file("live.db-wal"));
    std::filesystem::copy_file(file("backup.db"), file("live.db"),
                               std::filesystem::copy_options::overwrite_existing);
    open(true);
    lose_all();
  }

  // Another process writes, and is killed while it does.
  void kill_writer() {
    close();
    auto after = number(5000);
    auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      write_until_killed();
    }
    ::usleep(static_cast<useconds_t>(2000 + after));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    open(true);
  }

  [[noreturn]] void write_until_killed() noexcept {
    try {
      open(true);
      for (;;) {
        write_group();
      }
    } catch (...) {
      ::_exit(EXIT_FAILURE);
    }
  }

  std::mt19937 random_;
  // Whether the feed forgets by itself during the history.
  bool is_bounded_;
  temporary_folder folder_;
  database_options options_{.url = folder_.url("live.db"),
                            .synchronous = synchronous::normal,
                            .feed = {.models = kept_models()}};
  std::optional<database> db_;
  std::optional<command_queue> queue_;
  std::vector<copy> copies_;
};

unsigned from_environment(const char* name, unsigned otherwise) {
  const auto* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::stoul(text));
}

} // namespace

TEST_CASE("a copy that follows the feed is what the database is, at each position", "[histories]") {
  auto first = from_environment("DCRF_HISTORY_SEED", 0);
  auto count = first != 0 ? 1 : from_environment("DCRF_HISTORIES", 5);
  for (unsigned i = 0; i < count; ++i) {
    auto seed = first != 0 ? first : i + 1;
    INFO("DCRF_HISTORY_SEED=" << seed);
    history{seed}.play();
  }
}

} // namespace feed_histories_tests
