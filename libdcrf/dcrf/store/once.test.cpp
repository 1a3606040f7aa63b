#include "dcrf/store/internal/command_queue.hpp"
#include "dcrf/store/internal/test_models.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace once_tests {

using namespace dcrf;
using namespace dcrf::store_test;
using namespace std::chrono_literals;

namespace {

// What is answered at once, since nothing else uses the database.
class asker {
public:
  explicit asker(database x)
      : db_(std::move(x)), queue_(db_, [this](const command_queue::committed&) { ++told; }) {}

  store_result ask(command x) {
    store_result result;
    queue_.push(std::move(x), [&result](store_result y) { result = std::move(y); });
    queue_.run();
    return result;
  }

  store_result begin(once_claim x) { return ask({begin_command{.once = std::move(x)}}); }

  store_result create(std::string name, std::uint64_t transaction) {
    return ask({create_command{.model = &model_of<person>(),
                               .values = to_record(person{.username = std::move(name)})},
                transaction});
  }

  // Does what is claimed; the reply that it has, or the one it had.
  std::string once(const once_claim& x, const std::string& reply) {
    auto begun = begin(x);
    if (begun.done_before) {
      CHECK(begun.transaction == 0);
      return begun.done_before->reply;
    }
    begun.check();
    create(reply, begun.transaction).check();
    ask({commit_command{.reply = reply}, begun.transaction}).check();
    return reply;
  }

  std::int64_t count() {
    return ask({count_command{.rows = {.model = &model_of<person>()}}}).count;
  }

  database& db() { return db_; }

  int told = 0;

private:
  database db_;
  command_queue queue_;
};

database with(once_retention kept) {
  auto options = empty_options();
  options.once = kept;
  database result{options, all_models()};
  result.migrate();
  return result;
}

const once_claim letter{.owner = "user 1", .name = "letter", .content = "create"};

} // namespace

TEST_CASE("what is done once is answered as it was", "[store]") {
  asker x{empty_database()};
  CHECK(x.once(letter, "first") == "first");
  CHECK(x.once(letter, "second") == "first");
  CHECK(x.count() == 1);
  CHECK(x.told == 1);
  // While nothing is open, others write.
  CHECK(x.once({.owner = "user 2", .name = "letter", .content = "create"}, "third") == "third");
  CHECK(x.once({.owner = "user 1", .name = "card", .content = "create"}, "fourth") == "fourth");
  CHECK(x.count() == 3);
}

TEST_CASE("the content that was kept tells another one from it", "[store]") {
  asker x{empty_database()};
  x.once(letter, "first");
  auto other = letter;
  other.content = "delete";
  CHECK(*x.begin(other).done_before == once_result{.content = "create", .reply = "first"});
}

TEST_CASE("what was rolled back was not done", "[store]") {
  asker x{empty_database()};
  auto begun = x.begin(letter);
  x.create("gone", begun.transaction);
  x.ask({rollback_command{}, begun.transaction});
  CHECK(x.once(letter, "second") == "second");
  CHECK(x.count() == 1);
}

TEST_CASE("what is done once is known after a restart", "[store]") {
  auto options = empty_options();
  temporary_folder folder;
  if (!on_postgresql()) {
    options.url = folder.url("once.db");
  }
  auto open = [&options] {
    database result{options, all_models()};
    result.migrate();
    return result;
  };
  {
    asker x{open()};
    x.once(letter, "first");
    // Is lost with the connection.
    x.create("second", x.begin({.owner = "user 1", .name = "open"}).transaction);
  }
  asker x{open()};
  CHECK(x.once(letter, "third") == "first");
  CHECK(x.once({.owner = "user 1", .name = "open"}, "fourth") == "fourth");
  CHECK(x.count() == 2);
}

TEST_CASE("another node waits for what is done once", "[store]") {
  auto options = empty_options();
  temporary_folder folder;
  if (!on_postgresql()) {
    options.url = folder.url("once.db");
  }
  options.busy_timeout = 200ms;
  database first{options, all_models()};
  first.migrate();
  database second{options, all_models()};
  unit_of_work one{first};
  CHECK(one.claim(letter) == nullptr);
  auto claim = [&second] {
    unit_of_work other{second};
    return other.claim(letter);
  };
  try {
    claim();
    FAIL("it was claimed twice");
  } catch (const store_failure& e) {
    CHECK(e.error().code == store_errc::unavailable);
  }
  SECTION("and finds it done") {
    one.keep_reply("done");
    one.commit();
    CHECK(claim()->reply == "done");
  }
  SECTION("or does it, where it was not") {
    one.rollback();
    CHECK(claim() == nullptr);
  }
}

TEST_CASE("who keeps as much as may be is refused, and nothing is forgotten", "[store]") {
  auto claim = [](const std::string& owner, int number) {
    return once_claim{.owner = owner, .name = std::to_string(number), .content = ""};
  };
  SECTION("one owner") {
    asker x{with({.entries = 32})};
    x.once(claim("a", 1), "1");
    x.once(claim("a", 2), "2");
    CHECK(x.begin(claim("a", 3)).error->code == store_errc::exhausted);
    CHECK(x.once(claim("a", 1), "again") == "1");
    CHECK(x.once(claim("b", 1), "of another") == "of another");
  }
  SECTION("those that are nobody's") {
    asker x{with({.entries = 6})};
    for (int i = 0; i < 3; ++i) {
      x.once(claim("", i), std::to_string(i));
    }
    CHECK(x.begin(claim("", 3)).error->code == store_errc::exhausted);
    CHECK(x.once(claim("a", 1), "of somebody") == "of somebody");
  }
  SECTION("all together") {
    asker x{with({.entries = 3})};
    for (int i = 0; i < 3; ++i) {
      x.once(claim(std::to_string(i), i), std::to_string(i));
    }
    CHECK(x.begin(claim("a", 3)).error->code == store_errc::exhausted);
    CHECK(x.count() == 3);
  }
  SECTION("by the bytes of one owner") {
    asker x{with({.bytes = 64'000})};
    auto fill = [&](const std::string& owner, std::size_t size) {
      for (int i = 0; i < 3; ++i) {
        auto begun = x.begin(claim(owner, i));
        begun.check();
        x.ask({commit_command{.reply = std::string(size, 'y')}, begun.transaction}).check();
      }
    };
    fill("a", 3'000);
    CHECK(x.begin(claim("a", 3)).error->code == store_errc::exhausted);
    fill("", 17'000);
    CHECK(x.begin(claim("", 3)).error->code == store_errc::exhausted);
    CHECK(x.once(claim("b", 1), "of another") == "of another");
  }
  SECTION("by their bytes") {
    asker x{with({.bytes = 1000})};
    x.once(claim("a", 1), std::string(20, 'x'));
    auto begun = x.begin(claim("b", 1));
    x.ask({commit_command{.reply = std::string(2000, 'y')}, begun.transaction}).check();
    CHECK(x.begin(claim("c", 1)).error->code == store_errc::exhausted);
    CHECK(x.once(claim("a", 1), "again") == std::string(20, 'x'));
  }
}

TEST_CASE("what was done once long ago is forgotten, many at a time", "[store]") {
  asker x{with({.time = 100ms, .entries = 100'000})};
  constexpr int count = 300;
  for (int i = 0; i < count; ++i) {
    x.once({.owner = "a", .name = std::to_string(i)}, std::to_string(i));
  }
  auto kept = [&x] { return x.begin({.owner = "a", .name = "0"}).done_before != nullptr; };
  CHECK(kept());
  auto wait_until = std::chrono::steady_clock::now() + 150ms;
  while (std::chrono::steady_clock::now() < wait_until) {
    x.db().prune();
  }
  CHECK_FALSE(x.db().prune());
  CHECK_FALSE(kept());
}

} // namespace once_tests
