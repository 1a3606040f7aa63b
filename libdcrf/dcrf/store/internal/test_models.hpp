#pragma once

#include "dcrf/model/model.hpp"
#include "dcrf/store/database.hpp"
#include "dcrf/store/internal/test_sql.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

/// The models that the store's tests work on: one of every type and of every kind of reference.
namespace dcrf::store_test {

struct person {
  std::int64_t id{};
  std::string username;
  std::optional<std::string> nickname;
};
BOOST_DESCRIBE_STRUCT(person, (), (id, username, nickname))

struct place {
  std::int64_t id{};
  std::string name;
  std::int64_t host{};
  std::optional<std::int64_t> deputy;
  many_to_many<person> members;
};
BOOST_DESCRIBE_STRUCT(place, (), (id, name, host, deputy, members))

struct note {
  std::int64_t id{};
  std::int64_t place{};
  std::string text;
  timestamp created_at;
  timestamp saved_at;
};
BOOST_DESCRIBE_STRUCT(note, (), (id, place, text, created_at, saved_at))

// Forbids that the note it is about is deleted.
struct pin {
  std::int64_t id{};
  std::int64_t note{};
};
BOOST_DESCRIBE_STRUCT(pin, (), (id, note))

struct node {
  std::int64_t id{};
  std::optional<std::int64_t> parent;
  std::string label;
  many_to_many<node> friends;
};
BOOST_DESCRIBE_STRUCT(node, (), (id, parent, label, friends))

enum class shade { light, dark };
BOOST_DESCRIBE_ENUM(shade, light, dark)

struct sample {
  uuid id{};
  bool flag = true;
  std::int32_t small = 0;
  std::int64_t large = 0;
  double ratio = 0;
  std::string text;
  decimal price{0, 2};
  date day;
  timestamp at;
  shade tone = shade::light;
  json_text extra;
  std::optional<bool> maybe_flag;
  std::optional<std::int64_t> maybe_large;
  std::optional<double> maybe_ratio;
  std::optional<std::string> maybe_text;
  std::optional<decimal> maybe_price;
  std::optional<date> maybe_day;
  std::optional<timestamp> maybe_at;
  std::optional<uuid> maybe_uid;
  std::optional<json_text> maybe_extra;
};
BOOST_DESCRIBE_STRUCT(sample, (),
                      (id, flag, small, large, ratio, text, price, day, at, tone, extra, maybe_flag,
                       maybe_large, maybe_ratio, maybe_text, maybe_price, maybe_day, maybe_at,
                       maybe_uid, maybe_extra))

struct gadget {
  std::string name;
  std::string description;
};
BOOST_DESCRIBE_STRUCT(gadget, (), (name, description))

} // namespace dcrf::store_test

template <>
struct dcrf::model<dcrf::store_test::person> {
  using person = dcrf::store_test::person;
  static constexpr auto table = "test_person";
  using primary_key = dcrf::primary_key<&person::id>;
  using fields =
      dcrf::fields<dcrf::text_field<&person::username, dcrf::max_length<30>, dcrf::unique>,
                   dcrf::text_field<&person::nickname, dcrf::unique>>;
};

template <>
struct dcrf::model<dcrf::store_test::place> {
  using place = dcrf::store_test::place;
  using person = dcrf::store_test::person;
  static constexpr auto table = "test_place";
  using primary_key = dcrf::primary_key<&place::id>;
  using fields = dcrf::fields<dcrf::text_field<&place::name, dcrf::unique>,
                              dcrf::foreign_key<&place::host, person, dcrf::on_delete::cascade>,
                              dcrf::foreign_key<&place::deputy, person, dcrf::on_delete::set_null>,
                              dcrf::relation<&place::members, dcrf::related_name<"places">>>;
};

template <>
struct dcrf::model<dcrf::store_test::note> {
  using note = dcrf::store_test::note;
  static constexpr auto table = "test_note";
  using primary_key = dcrf::primary_key<&note::id>;
  using fields = dcrf::fields<
      dcrf::foreign_key<&note::place, dcrf::store_test::place, dcrf::on_delete::cascade>,
      dcrf::auto_now_add<&note::created_at>, dcrf::auto_now<&note::saved_at>>;
};

template <>
struct dcrf::model<dcrf::store_test::pin> {
  using pin = dcrf::store_test::pin;
  static constexpr auto table = "test_pin";
  using primary_key = dcrf::primary_key<&pin::id>;
  using fields = dcrf::fields<
      dcrf::foreign_key<&pin::note, dcrf::store_test::note, dcrf::on_delete::restrict>>;
};

template <>
struct dcrf::model<dcrf::store_test::node> {
  using node = dcrf::store_test::node;
  static constexpr auto table = "test_node";
  using primary_key = dcrf::primary_key<&node::id>;
  using fields = dcrf::fields<dcrf::foreign_key<&node::parent, node, dcrf::on_delete::cascade>,
                              dcrf::relation<&node::friends, dcrf::related_name<"friended">>>;
};

template <>
struct dcrf::model<dcrf::store_test::sample> {
  using sample = dcrf::store_test::sample;
  static constexpr auto table = "test_sample";
  using primary_key = dcrf::primary_key<&sample::id>;
  using fields = dcrf::fields<dcrf::field<&sample::price, dcrf::digits<8, 2>>,
                              dcrf::field<&sample::maybe_price, dcrf::digits<8, 2>>>;
};

template <>
struct dcrf::model<dcrf::store_test::gadget> {
  using gadget = dcrf::store_test::gadget;
  static constexpr auto table = "test \"gadget\"";
  using primary_key = dcrf::primary_key<&gadget::name>;
  using fields = dcrf::fields<dcrf::text_field<&gadget::description, dcrf::column_name<"select">>>;
};

namespace dcrf::store_test {

inline schema all_models() { return schema::of<person, place, note, pin, node, sample, gadget>(); }

/// A folder that is gone with the object.
class temporary_folder {
public:
  temporary_folder() {
    static std::atomic<int> count{0};
    path_ = std::filesystem::temp_directory_path()
            / ("dcrf-store-" + std::to_string(::getpid()) + '-' + std::to_string(++count));
    std::filesystem::create_directories(path_);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::filesystem::path file(const std::string& name) const { return path_ / name; }
  [[nodiscard]] std::string url(const std::string& name) const {
    return "sqlite://" + file(name).string();
  }

private:
  std::filesystem::path path_;
};

/// Whether the tests run on PostgreSQL: on the database that DCRF_TEST_DATABASE names, each test in
/// a schema of its own, which is empty when it begins.
[[nodiscard]] inline bool on_postgresql() { return std::getenv("DCRF_TEST_DATABASE") != nullptr; }

/// An empty database: one in memory, or a schema of PostgreSQL.
[[nodiscard]] inline database_options empty_options() {
  return {.url = on_postgresql() ? empty_postgresql() : "sqlite://:memory:"};
}

/// A database with all tables and no rows.
inline database empty_database() {
  database result{empty_options(), all_models()};
  result.migrate();
  return result;
}

/// What one command came to, in a transaction of its own.
struct outcome {
  store_result result;
  std::vector<change> changes;
};

inline outcome run(database& db, command x) {
  unit_of_work unit{db};
  outcome done{unit.execute(x), unit.take_changes()};
  unit.commit();
  return done;
}

template <model_type T>
T create(database& db, const T& x) {
  auto done = run(db, {create_command{.model = &model_of<T>(), .values = to_record(x)}});
  if (done.result.error) {
    throw store_failure(*done.result.error);
  }
  return from_record<T>(done.result.rows.front().values);
}

template <model_type T>
lookup by_key(value key) {
  return {.model = &model_of<T>(), .key = std::move(key), .field = model_of<T>().primary_key};
}

} // namespace dcrf::store_test
