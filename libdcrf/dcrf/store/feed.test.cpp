#include "dcrf/store/feed.hpp"

#include "dcrf/store/internal/command_queue.hpp"
#include "dcrf/store/internal/test_models.hpp"
#include "dcrf/store/internal/test_sql.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace feed_tests {

using namespace dcrf;
using namespace dcrf::store_test;

namespace {

database_options options_of(std::string url, feed_retention kept = {}) {
  return {.url = std::move(url),
          .feed = {.models = {&model_of<person>(), &model_of<place>(), &model_of<node>(),
                              &model_of<sample>()},
                   .retention = kept}};
}

struct fixture {
  explicit fixture(feed_retention kept = {}) : options(options_of(folder.url("feed.db"), kept)) {
    open();
  }

  void open() {
    db.reset();
    db.emplace(options, all_models());
    db->migrate();
  }

  // Executes commands as one transaction.
  feed_position_ptr commit(const std::vector<command>& commands) {
    unit_of_work unit{*db};
    std::vector<std::vector<change>> changes;
    for (const auto& x : commands) {
      REQUIRE_FALSE(unit.execute(x).error);
      changes.push_back(unit.take_changes());
    }
    return unit.commit(changes);
  }

  feed_position_ptr add(std::string name) { return commit({creation(std::move(name))}); }

  static command creation(std::string name) {
    return {create_command{.model = &model_of<person>(),
                           .values = to_record(person{.username = std::move(name)})}};
  }

  // Everything between two positions.
  std::vector<change> read(const feed_position& since) {
    auto until = log().cut();
    std::vector<change> result;
    auto next = since;
    for (bool has_more = true; has_more;) {
      auto page = log().read(next, *until);
      REQUIRE(page);
      std::ranges::move(page->changes, std::back_inserter(result));
      next = page->reached;
      has_more = page->has_more;
    }
    return result;
  }

  feed::standing standing_of(const std::string& text,
                             std::vector<const model_descriptor*> models = {}) {
    feed_position found;
    return log().find(text, models, found);
  }

  feed& log() {
    REQUIRE(db->changes() != nullptr);
    return *db->changes();
  }

  std::filesystem::path file() { return options.url.substr(std::string{"sqlite://"}.size()); }

  temporary_folder folder;
  database_options options;
  std::optional<database> db;
};

std::vector<std::string> names_of(const std::vector<change>& changes) {
  std::vector<std::string> result;
  for (const auto& x : changes) {
    result.push_back(to_string(x.last()[1]));
  }
  return result;
}

using names = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(fixture, "a feed gives back what was committed after a position",
                 "[sqlite_feed]") {
  auto start = log().cut();
  auto first = add("ann");
  auto second = commit({creation("bob"), creation("cid")});
  REQUIRE(first);
  REQUIRE(second);
  CHECK(log().cut()->text == second->text);
  CHECK(start->order < first->order);
  CHECK(first->order < second->order);
  CHECK(names_of(read(*start)) == names{"ann", "bob", "cid"});
  CHECK(names_of(read(*first)) == names{"bob", "cid"});
  CHECK(read(*second).empty());
  CHECK(log().size().entries == 4);
}

TEST_CASE_METHOD(fixture, "changes come back as they were made", "[sqlite_feed]") {
  auto start = log().cut();
  sample x;
  x.large = std::numeric_limits<std::int64_t>::min();
  x.ratio = 0.1 + 0.2;
  x.text = std::string{"a\0b'\xF0\x9F\x98\x80", 8};
  x.price = {-12345, 2};
  x.day = *date::parse("0001-01-01");
  x.at = *timestamp::parse("9999-12-31T23:59:59.999999Z");
  x.tone = shade::dark;
  x.extra = json_text::parse(R"({"a":[1,"\u0000"]})");
  auto made = run(*db, {create_command{.model = &model_of<sample>(), .values = to_record(x)}});
  std::vector<change> all = made.changes;
  auto key = model_of<sample>().key_of(made.result.rows.front().values);
  auto do_it = [&](const command& what) {
    unit_of_work unit{*db};
    REQUIRE_FALSE(unit.execute(what).error);
    auto changes = unit.take_changes();
    unit.commit(std::span{&changes, 1});
    std::ranges::move(changes, std::back_inserter(all));
  };
  all.clear();
  do_it({update_command{.where = by_key<sample>(key), .changes = {{5, std::string{"other"}}}}});
  do_it({delete_command{.where = by_key<sample>(key)}});
  node one{.label = "one"};
  do_it({create_command{.model = &model_of<node>(), .values = to_record(one)}});
  do_it({create_command{.model = &model_of<node>(), .values = to_record(one)}});
  do_it({relate_command{.relation = model_of<node>().find_relation("friends"),
                        .key = std::int64_t{1},
                        .mode = relate_command::how::add,
                        .keys = {std::int64_t{2}}}});
  auto found = read(*start);
  REQUIRE(found.size() == all.size());
  CHECK(all.size() >= 5);
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(found[i].model == all[i].model);
    CHECK((found[i].before == all[i].before));
    CHECK((found[i].after == all[i].after));
    CHECK((found[i].deleted == all[i].deleted));
    CHECK(found[i].relation == all[i].relation);
    CHECK(found[i].reverse == all[i].reverse);
    CHECK(found[i].version == all[i].version);
  }
}

TEST_CASE_METHOD(fixture, "what is rolled back or not kept leaves no entry", "[sqlite_feed]") {
  auto start = log().cut();
  {
    unit_of_work unit{*db};
    REQUIRE_FALSE(unit.execute(creation("ann")).error);
  }
  CHECK(commit({{count_command{.rows = {.model = &model_of<person>()}}}}) == nullptr);
  CHECK(log().cut()->text == start->text);
}

TEST_CASE_METHOD(fixture, "the writes of a group are one entry", "[sqlite_feed]") {
  std::vector<command_queue::committed> done;
  command_queue queue{*db, [&](command_queue::committed x) { done.push_back(std::move(x)); }};
  queue.push(creation("ann"), [](const store_result&) {});
  queue.push(creation("bob"), [](const store_result&) {});
  queue.run();
  REQUIRE(done.size() == 1);
  CHECK(done.front().changes.size() == 2);
  REQUIRE(done.front().position);
  CHECK(done.front().position->text == log().cut()->text);
  CHECK(log().size().entries == 3);
}

TEST_CASE_METHOD(fixture, "a position is known after a restart", "[sqlite_feed]") {
  auto first = add("ann");
  add("bob");
  open();
  CHECK(standing_of(first->text, {&model_of<person>()}) == feed::standing::known);
  CHECK(names_of(read(*first)) == names{"bob"});
}

TEST_CASE_METHOD(fixture, "what is no position is unknown", "[sqlite_feed]") {
  add("ann");
  for (const auto* text : {"", "-", "1", "1-", "-1", "zz-1", "1-1", "0-0", "-1-1", "7fffffff-1",
                           "fffffffffffffffffffff-1", "2-0x1"}) {
    CHECK(standing_of(text) == feed::standing::unknown);
  }
}

TEST_CASE_METHOD(fixture, "a position that a restored backup has undone is unknown",
                 "[sqlite_feed]") {
  auto kept = add("ann");
  db.reset();
  auto backup = folder.url("backup.db").substr(std::string{"sqlite://"}.size());
  std::filesystem::copy_file(file(), backup);
  open();
  auto lost = add("bob");
  auto ahead = add("cid");
  db.reset();
  std::filesystem::remove(file().string() + "-wal");
  std::filesystem::remove(file().string() + "-shm");
  std::filesystem::copy_file(backup, file(), std::filesystem::copy_options::overwrite_existing);
  open();
  CHECK(standing_of(kept->text) == feed::standing::known);
  CHECK(standing_of(lost->text) == feed::standing::unknown);
  // Also when the restored database has come to the same entry again.
  auto other = add("dan");
  CHECK(other->order == lost->order);
  CHECK(standing_of(lost->text) == feed::standing::unknown);
  CHECK(standing_of(ahead->text) == feed::standing::unknown);
  CHECK(names_of(read(*kept)) == names{"dan"});
}

TEST_CASE("an entry of many changes is split, and one position", "[sqlite_feed]") {
  fixture x;
  auto start = x.log().cut();
  std::vector<command> commands;
  for (int i = 0; i < 30; ++i) {
    commands.push_back(fixture::creation(std::string(100'000, static_cast<char>('a' + i % 26))
                                         + std::to_string(i)));
  }
  auto done = x.commit(commands);
  CHECK(done->order > start->order + 2);
  CHECK(x.read(*start).size() == 30);
  CHECK(x.log().read(*start, *done)->has_more);
}

TEST_CASE("a feed keeps so many entries and not many more", "[sqlite_feed]") {
  fixture x{{.entries = 100}};
  auto start = x.log().cut();
  feed_position_ptr last;
  for (int i = 0; i < 500; ++i) {
    last = x.add(std::to_string(i));
    CHECK(x.log().size().entries <= 102);
  }
  CHECK(x.log().size().entries >= 100);
  CHECK(x.standing_of(start->text) == feed::standing::expired);
  CHECK(x.standing_of(last->text) == feed::standing::known);
  CHECK_FALSE(x.log().read(*start, *last));
}

TEST_CASE("a feed keeps so many bytes", "[sqlite_feed]") {
  fixture x{{.bytes = 100'000}};
  for (int i = 0; i < 300; ++i) {
    x.add(std::string(1000, 'x') + std::to_string(i));
  }
  auto size = x.log().size();
  CHECK(size.bytes <= 104'000);
  CHECK(size.entries > 50);
}

TEST_CASE("a feed forgets what is older, but never the newest", "[sqlite_feed]") {
  fixture x{{.time = std::chrono::milliseconds{1}}};
  auto first = x.add("ann");
  auto second = x.add("bob");
  while (x.log().prune(false) || x.log().size().entries > 1) {
    std::this_thread::yield();
  }
  CHECK(x.standing_of(first->text) == feed::standing::expired);
  CHECK(x.standing_of(second->text) == feed::standing::known);
}

TEST_CASE_METHOD(fixture, "a feed forgets all but the newest when told so", "[sqlite_feed]") {
  for (int i = 0; i < 600; ++i) {
    add(std::to_string(i));
  }
  auto newest = log().cut();
  while (log().prune(true)) {
  }
  CHECK(log().size().entries == 1);
  CHECK(standing_of(newest->text, {&model_of<person>()}) == feed::standing::known);
}

TEST_CASE_METHOD(fixture, "positions from before a table's other columns are expired",
                 "[sqlite_feed]") {
  auto before = add("ann");
  execute_sql(file(), "UPDATE dcrf_feed_layout SET columns = 'id' WHERE \"table\" = 'test_person'");
  open();
  auto after = log().cut();
  add("bob");
  CHECK(standing_of(before->text, {&model_of<person>()}) == feed::standing::expired);
  CHECK(standing_of(before->text, {&model_of<place>()}) == feed::standing::known);
  CHECK(standing_of(after->text, {&model_of<person>()}) == feed::standing::known);
}

TEST_CASE_METHOD(fixture, "positions from before a table was kept are expired", "[sqlite_feed]") {
  auto before = add("ann");
  auto keep = options;
  SECTION("it was not kept by a program in between") {
    std::erase(options.feed.models, &model_of<person>());
  }
  SECTION("the feed was off in between") { options.feed.models.clear(); }
  open();
  commit({creation("bob")});
  options = keep;
  open();
  auto between = log().cut();
  add("cid");
  CHECK(standing_of(before->text, {&model_of<person>()}) == feed::standing::expired);
  CHECK(standing_of(between->text, {&model_of<person>()}) == feed::standing::known);
  CHECK(standing_of(before->text) == feed::standing::known);
  CHECK(names_of(read(*before)) == names{"cid"});
}

TEST_CASE_METHOD(fixture, "a reader sees the position of what it reads", "[sqlite_feed]") {
  auto first = add("ann");
  auto reading = options;
  reading.read_only = true;
  database other{reading, all_models()};
  unit_of_work open{other, unit_of_work::access::read};
  CHECK(other.changes()->cut()->text == first->text);
  auto second = add("bob");
  CHECK(other.changes()->cut()->text == first->text);
  open.commit();
  CHECK(other.changes()->cut()->text == second->text);
}

} // namespace feed_tests
