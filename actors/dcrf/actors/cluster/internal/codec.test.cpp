#include "dcrf/actors/cluster/internal/codec.hpp"

#include "dcrf/actors/cluster/internal/command_check.hpp"
#include "dcrf/actors/internal/actors_testing.hpp"

#include <limits>
#include <random>

namespace dcrf::cluster::codec_tests {

namespace {

using actors_test::entry;
using actors_test::topic;

std::vector<char> bytes_of(const command& x) {
  byte_writer out;
  write(out, x);
  return std::move(out).take();
}

const schema& models() {
  static const auto result = schema::of<topic, entry>();
  return result;
}

command read(const std::vector<char>& bytes) {
  byte_reader in{bytes};
  auto result = read_command(in, models());
  in.finish();
  return result;
}

std::vector<char> damaged(std::vector<char> bytes, std::minstd_rand& random) {
  for (int k = 0; k < 3; ++k) {
    bytes[random() % bytes.size()] = static_cast<char>(random());
  }
  return bytes;
}

command big_command() {
  selection rows;
  rows.model = &model_of<entry>();
  condition named;
  named.kind = condition::node::compare;
  named.path = {1, 1};
  named.op = comparison::in;
  named.operands = {std::string{"a"},
                    std::monostate{},
                    true,
                    std::int64_t{-5},
                    0.1,
                    decimal{-150, 2},
                    date{},
                    timestamp::from_microseconds(-7),
                    uuid{{1, 2, 3}},
                    json_text::trusted("[1]")};
  condition referred;
  referred.kind = condition::node::any_of_rows;
  referred.referrer = &model_of<entry>();
  referred.referring_field = 1;
  referred.path = {1};
  referred.children = {named};
  rows.where = named || !condition{named} || referred;
  rows.order_by = {{{1, 0}, true}};
  rows.limit = 10;
  fetch with{.kind = fetch::side::foreign_key, .model = &model_of<topic>(), .field = 1};
  with.nested.push_back({.kind = fetch::side::referrers, .model = &model_of<entry>(), .field = 1});
  return {list_command{.rows = rows, .plan = {with}, .with_count = true}, 77};
}

} // namespace

TEST_CASE("a number is read as it was written", "[cluster][codec]") {
  std::vector<std::uint64_t> numbers{
      0, 1, 127, 128, 300, 1ULL << 35, std::numeric_limits<std::uint64_t>::max()};
  byte_writer out;
  for (auto x : numbers) {
    out.number(x);
  }
  auto bytes = std::move(out).take();
  byte_reader in{bytes};
  for (auto x : numbers) {
    std::uint64_t found = 1;
    in.number(found);
    CHECK(found == x);
  }
  in.finish();
}

TEST_CASE("a command is read as it was written", "[cluster][codec]") {
  auto bytes = bytes_of(big_command());
  auto found = read(bytes);
  CHECK(bytes_of(found) == bytes);
  CHECK(found.transaction == 77);
  const auto& list = std::get<list_command>(found.body);
  CHECK(list.rows.model == &model_of<entry>());
  CHECK(list.rows.where.children.at(0).operands
        == std::get<list_command>(big_command().body).rows.where.children.at(0).operands);
  CHECK(list.plan.at(0).nested.at(0).model == &model_of<entry>());
}

TEST_CASE("what a model does not have is refused before the store sees it", "[cluster][codec]") {
  auto wanted = std::get<list_command>(big_command().body);
  auto& where = wanted.rows.where;
  auto refused = [](command x) { CHECK_THROWS_AS(read(bytes_of(x)), malformed_bytes); };
  lookup one{.model = &model_of<entry>(), .key = std::int64_t{1}};
  record values(model_of<entry>().fields.size());
  read(bytes_of({wanted}));
  read(bytes_of({create_command{.model = &model_of<entry>(), .values = values}}));
  SECTION("a column of a condition") {
    where.children.at(0).path = {1, 99};
    refused({wanted});
  }
  SECTION("a column that is no foreign key") {
    where.children.at(0).path = {0, 1};
    refused({wanted});
  }
  SECTION("rows that don't refer") {
    where.children.back().referring_field = 0;
    refused({wanted});
  }
  SECTION("an order") {
    wanted.rows.order_by = {{{7}, false}};
    refused({wanted});
  }
  SECTION("a negative limit") {
    wanted.rows.limit = -1;
    refused({wanted});
  }
  SECTION("what is loaded") {
    wanted.plan.at(0).field = 0;
    refused({wanted});
    wanted.plan.at(0) = {.kind = fetch::side::targets, .model = &model_of<topic>()};
    refused({wanted});
  }
  SECTION("a field that is looked up by") {
    one.field = 12;
    refused({retrieve_command{.where = one}});
    refused({delete_command{.where = one}});
  }
  SECTION("a column that is changed") {
    refused({update_command{.where = one, .changes = {{40, true}}}});
    refused({bulk_update_command{.rows = wanted.rows, .changes = {{40, true}}}});
  }
  SECTION("a row with fewer columns") {
    values.pop_back();
    refused({create_command{.model = &model_of<entry>(), .values = values}});
    refused({bulk_create_command{.model = &model_of<entry>(), .rows = {values}}});
  }
  SECTION("no relation") { refused({relate_command{.key = std::int64_t{1}}}); }
}

TEST_CASE("rows of an answer are of the shape that was asked for", "[cluster][codec]") {
  fetch with{.kind = fetch::side::foreign_key, .model = &model_of<topic>(), .field = 1};
  command asked{list_command{.rows = {.model = &model_of<entry>()}, .plan = {with}}};
  auto shape = shape_of_answer(std::move(asked));
  row of_topic{.values = record(model_of<topic>().fields.size())};
  row of_entry{.values = record(model_of<entry>().fields.size()), .related = {{of_topic}}};
  auto with_rows = [](std::vector<row> rows) {
    store_result result;
    result.rows = std::move(rows);
    return result;
  };
  CHECK(has_shape({}, shape));
  CHECK(has_shape(with_rows({of_entry}), shape));
  auto wrong = of_entry;
  SECTION("fewer columns") { wrong.values.pop_back(); }
  SECTION("nothing loaded") { wrong.related.clear(); }
  SECTION("another row loaded") { wrong.related.at(0).at(0).values.clear(); }
  CHECK_FALSE(has_shape(with_rows({of_entry, wrong}), shape));
  CHECK_FALSE(has_shape(with_rows({of_entry}), shape_of_answer(command{begin_command{}})));

  auto one = shape_of_answer(command{retrieve_command{.where = {.model = &model_of<entry>()}}});
  row plain{.values = of_entry.values};
  CHECK(has_shape(with_rows({plain}), one));
  CHECK_FALSE(has_shape({}, one));
  store_result failed;
  failed.error = store_error{.code = store_errc::not_found};
  CHECK(has_shape(failed, one));
}

TEST_CASE("an answer is read as it was written", "[cluster][codec]") {
  store_result x;
  x.error = store_error{.code = store_errc::invalid, .text = "no"};
  x.rows = {{.values = {std::int64_t{1}, std::string{"a"}},
             .related = {{{.values = {std::monostate{}}}}}}};
  x.count = -3;
  x.transaction = 9;
  byte_writer out;
  write(out, x);
  auto bytes = std::move(out).take();
  byte_reader in{bytes};
  auto found = read_store_result(in);
  in.finish();
  CHECK(found.error->code == store_errc::invalid);
  CHECK(found.rows.at(0).values == x.rows.at(0).values);
  CHECK(found.rows.at(0).related.at(0).size() == 1);
  CHECK(found.count == -3);
  CHECK(found.transaction == 9);
}

TEST_CASE("what is done once is read as it was written", "[cluster][codec]") {
  once_claim claim{.owner = "user 1", .name = "a", .content = "b"};
  auto begun = read(bytes_of({begin_command{.once = claim}}));
  CHECK(std::get<begin_command>(begun.body).once == claim);
  CHECK_FALSE(std::get<begin_command>(read(bytes_of({begin_command{}})).body).once);
  auto committed = read(bytes_of({commit_command{.reply = "201 {}"}, 3}));
  CHECK(std::get<commit_command>(committed.body).reply == "201 {}");

  store_result x;
  x.done_before = std::make_shared<const once_result>(once_result{"b", "201 {}"});
  byte_writer out;
  write(out, x);
  auto bytes = std::move(out).take();
  byte_reader in{bytes};
  auto found = read_store_result(in);
  in.finish();
  REQUIRE(found.done_before);
  CHECK(*found.done_before == *x.done_before);
}

TEST_CASE("bulk commands and signals are read as they were written", "[cluster][codec]") {
  bulk_create_command creation{.model = &model_of<entry>(), .events = bulk_events::on};
  auto found = read(bytes_of({creation}));
  CHECK(std::get<bulk_create_command>(found.body).events == bulk_events::on);
  signal_command sent{.name = "paid", .values = {std::int64_t{3}, std::string{"x"}}};
  auto signal = std::get<signal_command>(read(bytes_of({sent})).body);
  CHECK(signal.name == "paid");
  CHECK(signal.values == sent.values);
}

TEST_CASE("bytes that end too early are refused, wherever they end", "[cluster][codec]") {
  auto bytes = bytes_of(big_command());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::vector<char> some(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_THROWS_AS(read(some), malformed_bytes);
  }
}

TEST_CASE("damaged bytes are refused or read, and do no harm", "[cluster][codec]") {
  auto bytes = bytes_of(big_command());
  std::minstd_rand random{1};
  for (int i = 0; i < 20000; ++i) {
    try {
      read(damaged(bytes, random));
    } catch (const malformed_bytes&) {
    }
  }
  SUCCEED();
}

TEST_CASE("damaged answers are refused or read, and do no harm", "[cluster][codec]") {
  store_result x;
  x.error = store_error{.code = store_errc::invalid, .text = "no"};
  x.error->errors.add("name", "This field is required.");
  byte_writer out;
  write(out, x);
  auto bytes = std::move(out).take();
  std::minstd_rand random{1};
  for (int i = 0; i < 2000; ++i) {
    auto some = damaged(bytes, random);
    byte_reader in{some};
    try {
      read_store_result(in);
    } catch (const malformed_bytes&) {
    }
  }
  SUCCEED();
}

TEST_CASE("other models have another fingerprint", "[cluster][codec]") {
  CHECK(fingerprint(schema::of<topic, entry>()) == fingerprint(models()));
  CHECK(fingerprint(schema::of<topic>()) != fingerprint(models()));
}

} // namespace dcrf::cluster::codec_tests
