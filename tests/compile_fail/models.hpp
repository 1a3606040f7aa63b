#pragma once

#include "dcrf/serializer/serializer.hpp"

#include <cstdint>
#include <optional>
#include <string>

// What the cases misuse: two models, and a serializer of one of them.

struct person {
  std::int64_t id{};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(person, (), (id, name))

struct note {
  std::int64_t id{};
  std::string text;
  std::int64_t author{};
  std::optional<std::int64_t> reader;
  dcrf::many_to_many<person> fans;
  int hidden{};
};
BOOST_DESCRIBE_STRUCT(note, (), (id, text, author, reader, fans))

template <>
struct dcrf::model<person> {
  static constexpr auto table = "person";
  using primary_key = dcrf::primary_key<&person::id>;
};

template <>
struct dcrf::model<note> {
  static constexpr auto table = "note";
  using primary_key = dcrf::primary_key<&note::id>;
  using fields = dcrf::fields<dcrf::text_field<&note::text, dcrf::max_length<10>>,
                              dcrf::foreign_key<&note::author, person, dcrf::on_delete::cascade>,
                              dcrf::foreign_key<&note::reader, person, dcrf::on_delete::set_null>>;
};

struct person_serializer : dcrf::model_serializer<person> {
  using fields = dcrf::shown<dcrf::field<&person::id>, dcrf::field<&person::name>>;
};
