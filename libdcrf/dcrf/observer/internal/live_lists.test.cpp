#include "dcrf/observer/internal/live_lists.hpp"

#include "dcrf/groups/presence_table.hpp"
#include "dcrf/protocol/response.hpp"
#include "dcrf/serializer/internal/test_models.hpp"
#include "dcrf/serializer/serializer.hpp"
#include "dcrf/serializer/write.hpp"
#include "dcrf/store/internal/command_queue.hpp"
#include "dcrf/store/schema.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace serializer_test::live_lists {

using dcrf::json;

struct user_serializer : dcrf::model_serializer<user> {
  using fields = dcrf::shown<dcrf::field<&user::id>, dcrf::field<&user::username>>;
};
struct comment_serializer : dcrf::model_serializer<comment> {
  using fields = dcrf::all_fields;
};
struct sample_serializer : dcrf::model_serializer<sample> {
  using fields =
      dcrf::shown<dcrf::field<&sample::id>, dcrf::field<&sample::label>,
                  dcrf::field<&sample::count>, dcrf::nested<&sample::owner, user_serializer>>;
};
struct room_serializer : dcrf::model_serializer<room> {
  using fields = dcrf::shown<dcrf::field<&room::id>, dcrf::field<&room::name>,
                             dcrf::nested<&room::current_users, user_serializer>>;
};
struct message_serializer : dcrf::model_serializer<message> {
  using fields = dcrf::shown<dcrf::field<&message::id>, dcrf::field<&message::text>,
                             dcrf::nested<&message::room, room_serializer>>;
};
std::string shown_for(const comment& x, const dcrf::serializer_context&) { return x.text + '!'; }
struct personal_serializer : dcrf::model_serializer<comment> {
  using fields = dcrf::shown<dcrf::field<&comment::id>, dcrf::computed<"for", &shown_for>>;
};
struct full_room_serializer : dcrf::model_serializer<room> {
  using fields =
      dcrf::shown<dcrf::field<&room::id>,
                  dcrf::referrers<"last", &message::room, message_serializer,
                                  dcrf::ordered_by_descending<&message::id>, dcrf::limited<2>>>;
};

class directory : public dcrf::channel_layer {
public:
  std::vector<const dcrf::observer_descriptor*> observers_of(const void*) const override {
    return {};
  }
  bool has_members(const dcrf::group_name&) const override { return is_watched; }
  void publish(dcrf::group_message_ptr x) override { published.push_back(std::move(x)); }
  dcrf::presence_table& presences() override { return nobody; }

  bool is_watched = true;
  dcrf::presence_table nobody{nullptr};
  std::vector<dcrf::group_message_ptr> published;
};

dcrf::database new_database() {
  dcrf::database result{{.url = "sqlite://:memory:"},
                        dcrf::schema::of<user, comment, sample, room, message>()};
  result.migrate();
  return result;
}

struct bench {
  void settle() {
    queue.run();
    while (lists.step() == dcrf::live_lists::progress::more) {
    }
  }

  dcrf::store_result run(dcrf::command x) {
    dcrf::store_result result;
    queue.push(std::move(x), [&](dcrf::store_result found) { result = std::move(found); });
    queue.run();
    return result;
  }

  template <class T>
  std::int64_t create(const T& x) {
    auto done =
        run({dcrf::create_command{.model = &dcrf::model_of<T>(), .values = dcrf::to_record(x)},
             transaction});
    REQUIRE(!done.error);
    return std::get<std::int64_t>(done.rows.front().values.front());
  }

  template <class T>
  static dcrf::lookup at(std::int64_t key) {
    return {.model = &dcrf::model_of<T>(), .key = key, .field = dcrf::model_of<T>().primary_key};
  }

  template <auto Member>
  void set(std::int64_t key, dcrf::value x) {
    using type = dcrf::class_of<Member>;
    run({dcrf::update_command{.where = at<type>(key),
                              .changes = {{dcrf::detail::field_index<Member>(), std::move(x)}}},
         transaction});
  }

  template <class T>
  void remove(std::int64_t key) {
    run({dcrf::delete_command{.where = at<T>(key)}, transaction});
  }

  void relate(std::int64_t in, bool reverse, std::vector<dcrf::value> keys,
              dcrf::relate_command::how mode) {
    dcrf::relate_command x{.relation = dcrf::model_of<room>().find_relation("current_users"),
                           .reverse = reverse,
                           .key = in,
                           .mode = mode,
                           .keys = std::move(keys)};
    run({std::move(x), transaction});
  }

  dcrf::database db = new_database();
  directory groups;
  dcrf::live_lists lists{db, groups};
  dcrf::command_queue queue{db, [this](const dcrf::command_queue::committed& done) {
                              for (const auto& changes : done.changes) {
                                lists.note(changes);
                              }
                            }};
  std::uint64_t transaction = 0;
};

// What a client knows that applies what it is told.
class watcher {
public:
  watcher(bench& of, dcrf::list_query x)
      : bench_(&of), query_(std::make_shared<dcrf::list_query>(std::move(x))) {
    watch();
  }

  void watch() {
    bench_->lists.ask({.group = dcrf::list_group(*query_), .query = query_},
                      [this](dcrf::list_state_ptr found) { state_ = std::move(found); });
    bench_->settle();
    REQUIRE(state_);
    REQUIRE(state_->result == dcrf::list_state::outcome::changed);
    revision_ = state_->revision;
    rows_ = state_->data ? json::parse(*state_->data) : json::array();
    for (const auto& x : state_->rows) {
      rows_.push_back(shown(*x));
    }
  }

  [[nodiscard]] dcrf::group_name group() const { return dcrf::list_group(*query_); }

  void take(const dcrf::group_message& x) {
    if (x.target != group()) {
      return;
    }
    const auto& way = *dcrf::steps_of(x);
    REQUIRE(way.from == revision_);
    revision_ = way.to;
    for (const auto& step : way.steps) {
      auto head = step.head
                      ? *step.head
                      : dcrf::envelope_head("[]", shown(*step.shown).dump(),
                                            '"' + std::string{to_string(step.kind)} + '"', 200);
      auto frame = json::parse(head + "1" + step.tail);
      CHECK(frame["live"].contains("more") == (&step != &way.steps.back()));
      apply(frame);
    }
  }

  // As a client that knows only keys and indexes.
  void apply(const json& frame) {
    if (query_->is_count()) {
      rows_ = frame["data"];
      return;
    }
    auto action = frame["action"].get<std::string>();
    auto index = frame["live"]["index"].get<std::size_t>();
    if (action == "delete") {
      REQUIRE(index < rows_.size());
      REQUIRE(rows_[index]["id"] == frame["data"]["pk"]);
      rows_.erase(index);
      return;
    }
    auto same = std::ranges::find_if(
        rows_, [&](const json& row) { return row["id"] == frame["data"]["id"]; });
    REQUIRE((same != rows_.end()) == (action == "update"));
    if (same != rows_.end()) {
      rows_.erase(same);
    }
    REQUIRE(index <= rows_.size());
    rows_.insert(rows_.begin() + static_cast<std::ptrdiff_t>(index), frame["data"]);
  }

  [[nodiscard]] json fresh() const {
    dcrf::unit_of_work unit{bench_->db, dcrf::unit_of_work::access::read};
    if (query_->is_count()) {
      return {{"count", unit.execute({dcrf::count_command{.rows = query_->rows}}).count}};
    }
    auto found = unit.execute(
        {dcrf::list_command{.rows = query_->rows, .plan = query_->serializer->plan()}});
    auto result = json::array();
    for (const auto& x : found.rows) {
      result.push_back(shown(x));
    }
    return result;
  }

  [[nodiscard]] const json& rows() const { return rows_; }

private:
  [[nodiscard]] json shown(const dcrf::row& x) const {
    return json::parse(dcrf::shown_in_list(*query_->serializer, x, {}));
  }

  bench* bench_;
  std::shared_ptr<const dcrf::list_query> query_;
  dcrf::list_state_ptr state_;
  std::uint64_t revision_ = 0;
  json rows_;
};

template <class Serializer, class T>
dcrf::list_query listed(dcrf::query<T> x) {
  return {.rows = std::move(x).get(), .serializer = &dcrf::serializer_of<Serializer>()};
}

template <class T>
dcrf::list_query counted(dcrf::query<T> x) {
  return {.rows = std::move(x).get()};
}

std::vector<dcrf::list_query> queries() {
  using dcrf::column;
  using dcrf::query;
  using dcrf::referring;
  std::vector<dcrf::list_query> result;
  for (std::int64_t i = 1; i <= 3; ++i) {
    auto name = "u" + std::to_string(i);
    result.push_back(listed<comment_serializer>(query<comment>{}
                                                    .filter(column<&comment::user> == i)
                                                    .order_by<&comment::text>()
                                                    .slice(0, 3)));
    result.push_back(
        listed<comment_serializer>(query<comment>{}
                                       .filter(column<&comment::user, &user::username> == name)
                                       .order_by_descending<&comment::text>()
                                       .slice(1, 2)));
    result.push_back(listed<room_serializer>(query<room>{}
                                                 .filter(dcrf::related_to<&room::current_users>(i))
                                                 .order_by<&room::name>()
                                                 .slice(0, 2)));
    result.push_back(listed<message_serializer>(
        query<message>{}
            .filter(column<&message::room, &room::current_users, &user::username> == name)
            .order_by_descending<&message::created_at>()
            .slice(0, 4)));
    result.push_back(counted(query<message>{}.filter(
        column<&message::room, &room::current_users> == i && column<&message::user> != i)));
  }
  result.push_back(listed<comment_serializer>(
      query<comment>{}.order_by<&comment::user, &user::username>().slice(0, 5)));
  result.push_back(listed<personal_serializer>(
      query<comment>{}.filter(column<&comment::text>.icontains("a")).slice(0, 4)));
  result.push_back(listed<sample_serializer>(query<sample>{}
                                                 .filter(column<&sample::count> >= 2)
                                                 .order_by<&sample::label>()
                                                 .order_by_descending<&sample::count>()
                                                 .slice(0, 3)));
  result.push_back(listed<sample_serializer>(
      query<sample>{}
          .filter(!(column<&sample::label> == "a" || column<&sample::owner>.is_null()))
          .order_by_descending<&sample::label>()
          .slice(1, 3)));
  result.push_back(listed<user_serializer>(
      query<user>{}
          .filter(column<referring<&comment::user>, &comment::text>.contains("b"))
          .order_by_descending<&user::username>()
          .slice(0, 2)));
  result.push_back(listed<user_serializer>(
      query<user>{}
          .filter(!dcrf::exists<dcrf::relating<&room::current_users>>(column<&room::name> < "r5"))
          .slice(0, 3)));
  result.push_back(listed<full_room_serializer>(query<room>{}.slice(0, 3)));
  result.push_back(counted(query<comment>{}.filter(column<&comment::user> == 2)));
  result.push_back(counted(query<sample>{}.filter(!(column<&sample::label> == "b"))));
  return result;
}

// Does to the database what a random number says.
class history {
public:
  history(bench& of, unsigned seed) : bench_(&of), random_(seed) {
    for (int i = 0; i < 5; ++i) {
      make_user();
      make_room();
    }
  }

  void step() {
    auto writes = number(1, 4);
    bool is_atomic = number(0, 2) == 0;
    if (is_atomic) {
      bench_->transaction = bench_->run({dcrf::begin_command{}}).transaction;
    }
    for (std::int64_t i = 0; i < writes; ++i) {
      write();
    }
    if (is_atomic) {
      if (number(0, 4) == 0) {
        bench_->run({dcrf::rollback_command{}, bench_->transaction});
      } else {
        bench_->run({dcrf::commit_command{}, bench_->transaction});
      }
      bench_->transaction = 0;
    }
  }

private:
  std::int64_t number(std::int64_t from, std::int64_t to) {
    return std::uniform_int_distribution<std::int64_t>{from, to}(random_);
  }
  std::string text() {
    std::string result;
    for (auto i = number(1, 2); i > 0; --i) {
      result += static_cast<char>('a' + number(0, 2));
    }
    return number(0, 4) == 0 ? "A" + result : result;
  }
  template <class T>
  std::optional<std::int64_t> some() {
    auto keys = bench_->run(
        {dcrf::list_command{.rows = {.model = &dcrf::model_of<T>()}}, bench_->transaction});
    if (keys.rows.empty()) {
      return std::nullopt;
    }
    auto at = number(0, static_cast<std::int64_t>(keys.rows.size()) - 1);
    return std::get<std::int64_t>(keys.rows[static_cast<std::size_t>(at)].values.front());
  }
  dcrf::value label() { return number(0, 2) == 0 ? dcrf::value{} : dcrf::value{text()}; }

  void make_user() {
    auto name = "u" + std::to_string(++users_);
    bench_->create(user{.username = name, .email = "a@b.c", .password = "x"});
  }
  void make_room() { bench_->create(room{.name = "r" + std::to_string(++rooms_)}); }

  void write() {
    auto in = some<room>();
    auto who = some<user>();
    switch (number(0, 17)) {
    case 0:
      return make_user();
    case 1:
      return make_room();
    case 2:
    case 3:
      if (who) {
        bench_->create(comment{.text = text(), .user = *who});
      }
      return;
    case 4:
      if (auto x = some<comment>()) {
        bench_->set<&comment::text>(*x, text());
      }
      return;
    case 5:
      if (auto x = some<comment>(); x && who) {
        bench_->set<&comment::user>(*x, *who);
      }
      return;
    case 6:
      if (auto x = some<comment>()) {
        bench_->remove<comment>(*x);
      }
      return;
    case 7:
      if (who && number(0, 5) == 0) {
        bench_->remove<user>(*who);
      } else if (who) {
        bench_->set<&user::username>(*who, "u" + std::to_string(number(1, 3)));
      }
      return;
    case 8:
      if (in && number(0, 5) == 0) {
        bench_->remove<room>(*in);
      } else if (in) {
        bench_->set<&room::name>(*in, "r" + std::to_string(number(1, 99)));
      }
      return;
    case 9:
    case 10:
      if (in && who) {
        bench_->relate(*in, false, {*who}, dcrf::relate_command::how::add);
      }
      return;
    case 11:
      if (in && who) {
        bench_->relate(*who, true, {*in},
                       number(0, 1) == 0 ? dcrf::relate_command::how::set
                                         : dcrf::relate_command::how::remove);
      }
      return;
    case 12:
    case 13:
      bench_->create(sample{.name = "s", .note = "", .count = static_cast<int>(number(0, 5))});
      return;
    case 14:
      if (auto x = some<sample>()) {
        bench_->set<&sample::label>(*x, label());
      }
      return;
    case 15:
      if (auto x = some<sample>()) {
        bench_->set<&sample::owner>(*x,
                                    who && number(0, 2) != 0 ? dcrf::value{*who} : dcrf::value{});
      }
      return;
    default:
      if (in && who) {
        bench_->create(message{.room = *in, .text = text(), .user = *who});
      }
    }
  }

  bench* bench_;
  std::mt19937 random_;
  int users_ = 0;
  int rooms_ = 100;
};

TEST_CASE("whatever is committed, who applies the steps has what a new query finds", "[lists]") {
  auto seed = GENERATE(range(1U, 13U));
  bench x;
  history writes{x, seed};
  for (int i = 0; i < 30; ++i) {
    writes.step();
  }
  x.settle();
  std::vector<std::unique_ptr<watcher>> watchers;
  for (auto& each : queries()) {
    watchers.push_back(std::make_unique<watcher>(x, std::move(each)));
  }
  for (int i = 0; i < 150; ++i) {
    writes.step();
    x.settle();
    for (const auto& message : std::exchange(x.groups.published, {})) {
      for (const auto& each : watchers) {
        each->take(*message);
      }
    }
    for (std::size_t j = 0; j < watchers.size(); ++j) {
      INFO("seed " << seed << ", step " << i << ", query " << j);
      REQUIRE(watchers[j]->rows() == watchers[j]->fresh());
    }
  }
  CHECK(x.lists.size() == watchers.size());
}

TEST_CASE("a change is read for those lists only that it may touch", "[lists]") {
  bench x;
  for (int i = 1; i <= 100; ++i) {
    x.create(user{.username = "u" + std::to_string(i), .email = "a@b.c", .password = "x"});
  }
  std::vector<std::int64_t> comments;
  for (int i = 1; i <= 100; ++i) {
    for (const auto* text : {"a", "b", "c"}) {
      comments.push_back(x.create(comment{.text = text, .user = i}));
    }
  }
  std::vector<std::unique_ptr<watcher>> watchers;
  for (std::int64_t i = 1; i < 100; ++i) {
    watchers.push_back(std::make_unique<watcher>(
        x, listed<comment_serializer>(dcrf::query<comment>{}
                                          .filter(dcrf::column<&comment::user> == i)
                                          .order_by<&comment::text>()
                                          .slice(0, 2))));
  }
  auto reads = [&](auto&& write) {
    auto before = x.lists.reads();
    write();
    x.settle();
    return x.lists.reads() - before;
  };
  // Of somebody whose comments nobody watches.
  CHECK(reads([&] { x.set<&comment::text>(comments[298], std::string{"x"}); }) == 0);
  // Beyond the window, and from one place beyond it to another.
  CHECK(reads([&] { x.set<&comment::text>(comments[2], std::string{"d"}); }) == 0);
  CHECK(reads([&] { x.create(comment{.text = "z", .user = 5}); }) == 0);
  CHECK(reads([&] { x.remove<comment>(comments[5]); }) == 0);
  // Into it, within it, out of it.
  CHECK(reads([&] { x.set<&comment::text>(comments[2], std::string{"A"}); }) == 1);
  CHECK(reads([&] { x.set<&comment::text>(comments[0], std::string{"aa"}); }) == 1);
  CHECK(reads([&] { x.remove<comment>(comments[3]); }) == 1);
  // From one list to another.
  CHECK(reads([&] { x.set<&comment::user>(comments[0], std::int64_t{7}); }) == 2);
}

TEST_CASE("equal lists are one, and one that nobody watches is forgotten", "[lists]") {
  bench x;
  x.create(user{.username = "u1", .email = "a@b.c", .password = "x"});
  auto query = listed<comment_serializer>(
      dcrf::query<comment>{}.filter(dcrf::column<&comment::user> == 1).slice(0, 2));
  watcher first{x, query};
  watcher second{x, query};
  CHECK(x.lists.size() == 1);
  CHECK(x.lists.reads() == 1);
  x.create(comment{.text = "a", .user = 1});
  x.settle();
  CHECK(x.lists.reads() == 2);
  CHECK(x.groups.published.size() == 1);

  auto other = query;
  other.rows.limit = 3;
  watcher third{x, other};
  CHECK(x.lists.size() == 2);
  x.groups.is_watched = false;
  x.create(comment{.text = "b", .user = 1});
  x.settle();
  CHECK(x.lists.size() == 0);
}

TEST_CASE("lists of different values, conditions, orders and limits are different", "[lists]") {
  using dcrf::column;
  using dcrf::query;
  std::vector<dcrf::list_query> all = queries();
  all.push_back(listed<comment_serializer>(query<comment>{}.filter(column<&comment::text> == "1")));
  all.push_back(listed<comment_serializer>(query<comment>{}.filter(column<&comment::user> == 1)));
  all.push_back(listed<comment_serializer>(query<comment>{}.filter(column<&comment::text> != "1")));
  all.push_back(
      listed<comment_serializer>(query<comment>{}.filter(!(column<&comment::text> != "1"))));
  all.push_back(
      listed<comment_serializer>(query<comment>{}.filter(column<&comment::text>.in({"1", "2"}))));
  all.push_back(
      listed<comment_serializer>(query<comment>{}.filter(column<&comment::text>.in({"12"}))));
  all.push_back(counted(query<comment>{}));
  std::set<dcrf::group_name> groups;
  for (const auto& x : all) {
    groups.insert(dcrf::list_group(x));
  }
  CHECK(groups.size() == all.size());
}

TEST_CASE("a list says what memory its rows take", "[lists]") {
  bench x;
  x.create(user{.username = "u1", .email = "a@b.c", .password = "x"});
  auto held = [&x](dcrf::list_query asked) {
    auto query = std::make_shared<const dcrf::list_query>(std::move(asked));
    dcrf::list_state_ptr found;
    x.lists.ask({.group = dcrf::list_group(*query), .query = query},
                [&found](dcrf::list_state_ptr state) { found = std::move(state); });
    x.settle();
    return found->held;
  };
  auto all = dcrf::query<comment>{}.slice(0, 10);
  CHECK(held(listed<comment_serializer>(all)) == 0);
  x.create(comment{.text = std::string(20'000, 'a'), .user = 1});
  x.settle();
  CHECK(held(listed<comment_serializer>(all)) > 20'000);
  CHECK(held(listed<comment_serializer>(all)) < 45'000);
  CHECK(held(listed<personal_serializer>(all)) > 20'000);
  CHECK(held(counted(dcrf::query<comment>{})) == 0);
}

TEST_CASE("what is lost is found by reading", "[lists]") {
  bench x;
  x.create(user{.username = "u1", .email = "a@b.c", .password = "x"});
  auto all = counted(dcrf::query<user>{});
  watcher one{x, all};
  x.run({dcrf::bulk_update_command{.rows = {.model = &dcrf::model_of<user>()},
                                   .changes = {{1, std::string{"u9"}}}}});
  dcrf::bulk_delete_command everything{.rows = {.model = &dcrf::model_of<user>()}};
  x.run({everything});
  x.settle();
  CHECK(x.groups.published.empty());
  x.lists.lose();
  x.settle();
  REQUIRE(x.groups.published.size() == 1);
  one.take(*x.groups.published.front());
  CHECK(one.rows() == one.fresh());
}

} // namespace serializer_test::live_lists
