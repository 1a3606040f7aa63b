#pragma once

#include "dcrf/model/model.hpp"
#include "dcrf/serializer/serializer.hpp"
#include "dcrf/testing/test_server.hpp"

#include <cstdint>
#include <optional>
#include <string>

// Models, their serializers and helpers for the tests of consumers and observers.
namespace consumer_test {

struct author {
  std::int64_t id{};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(author, (), (id, name))

struct note {
  std::int64_t id{};
  std::string text;
  std::optional<std::int64_t> author;
};
BOOST_DESCRIBE_STRUCT(note, (), (id, text, author))

struct club {
  std::int64_t id{};
  std::string name;
  dcrf::many_to_many<author> members;
};
BOOST_DESCRIBE_STRUCT(club, (), (id, name, members))

} // namespace consumer_test

template <>
struct dcrf::model<consumer_test::author> {
  using author = consumer_test::author;
  static constexpr auto table = "author";
  using primary_key = dcrf::primary_key<&author::id>;
  using fields = dcrf::fields<dcrf::text_field<&author::name, dcrf::max_length<10>, dcrf::unique>>;
};

template <>
struct dcrf::model<consumer_test::note> {
  using note = consumer_test::note;
  static constexpr auto table = "note";
  using primary_key = dcrf::primary_key<&note::id>;
  using fields = dcrf::fields<
      dcrf::text_field<&note::text, dcrf::max_length<20>>,
      dcrf::foreign_key<&note::author, consumer_test::author, dcrf::on_delete::cascade>>;
};

template <>
struct dcrf::model<consumer_test::club> {
  using club = consumer_test::club;
  static constexpr auto table = "club";
  using primary_key = dcrf::primary_key<&club::id>;
  using fields =
      dcrf::fields<dcrf::text_field<&club::name, dcrf::max_length<20>>,
                   dcrf::relation<&club::members, dcrf::related_name<"clubs">, dcrf::blank>>;
};

namespace consumer_test {

struct author_serializer : dcrf::model_serializer<author> {
  using fields = dcrf::shown<dcrf::field<&author::id>, dcrf::field<&author::name>>;
};

struct note_serializer : dcrf::model_serializer<note> {
  using fields =
      dcrf::shown<dcrf::field<&note::id>, dcrf::field<&note::text>, dcrf::field<&note::author>>;
};

inline dcrf::schema all_models() { return dcrf::schema::of<author, note, club>(); }

inline dcrf::user_info user(std::int64_t pk, const std::string& name, bool is_staff = false) {
  dcrf::user_info result;
  result.pk = pk;
  result.username = name;
  result.is_staff = is_staff;
  return result;
}

/// Stores a row, with events.
template <class T>
T stored(dcrf::test_server& server, const T& row) {
  auto create = [&]() -> dcrf::task<T> {
    co_return co_await server.runtime().repository<T>().create(row);
  };
  return server.run(create());
}

template <class T>
void updated(dcrf::test_server& server, const T& row) {
  auto update = [&]() -> dcrf::task<> { co_await server.runtime().repository<T>().update(row); };
  server.run(update());
}

template <class T>
void removed(dcrf::test_server& server, std::int64_t pk) {
  auto remove = [&]() -> dcrf::task<> { co_await server.runtime().repository<T>().remove(pk); };
  server.run(remove());
}

template <class T>
std::int64_t count_of(dcrf::test_server& server) {
  auto count = [&]() -> dcrf::task<std::int64_t> {
    co_return co_await server.runtime().repository<T>().count({});
  };
  return server.run(count());
}

} // namespace consumer_test
