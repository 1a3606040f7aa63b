#pragma once

#include "dcrf/model/model.hpp"

#include <cstdint>
#include <optional>
#include <string>

// Models for the tests of serializers: one of everything.
namespace serializer_test {

struct user {
  std::int64_t id{};
  std::string username;
  std::string email;
  std::string password;
  bool is_staff = false;
};
BOOST_DESCRIBE_STRUCT(user, (), (id, username, email, password, is_staff))

struct comment {
  std::int64_t id{};
  std::string text;
  std::int64_t user{};
};
BOOST_DESCRIBE_STRUCT(comment, (), (id, text, user))

enum class kind { a, b };
BOOST_DESCRIBE_ENUM(kind, a, b)

struct sample {
  std::int64_t id{};
  std::string name;
  std::string note;
  std::optional<std::string> label;
  std::int32_t count = 0;
  std::optional<std::int64_t> big;
  std::optional<double> ratio;
  std::optional<dcrf::decimal> price;
  bool active = true;
  serializer_test::kind kind = kind::a;
  std::optional<dcrf::timestamp> at;
  std::optional<dcrf::date> day;
  std::optional<dcrf::uuid> uid;
  std::optional<dcrf::json_text> extra;
  std::optional<std::int64_t> owner;
};
BOOST_DESCRIBE_STRUCT(sample, (),
                      (id, name, note, label, count, big, ratio, price, active, kind, at, day, uid,
                       extra, owner))

struct gadget {
  std::string name;
  std::optional<std::string> description;
};
BOOST_DESCRIBE_STRUCT(gadget, (), (name, description))

struct ticket {
  dcrf::uuid id;
  std::string title;
};
BOOST_DESCRIBE_STRUCT(ticket, (), (id, title))

struct part {
  std::int64_t id{};
  std::string gadget;
  std::optional<dcrf::uuid> ticket;
};
BOOST_DESCRIBE_STRUCT(part, (), (id, gadget, ticket))

struct room {
  std::int64_t id{};
  std::string name;
  std::optional<std::int64_t> host;
  dcrf::many_to_many<user> current_users;
};
BOOST_DESCRIBE_STRUCT(room, (), (id, name, host, current_users))

struct message {
  std::int64_t id{};
  std::int64_t room{};
  std::string text;
  std::int64_t user{};
  dcrf::timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(message, (), (id, room, text, user, created_at))

} // namespace serializer_test

template <>
struct dcrf::model<serializer_test::user> {
  using user = serializer_test::user;
  static constexpr auto table = "user";
  using primary_key = dcrf::primary_key<&user::id>;
  using fields = dcrf::fields<dcrf::text_field<&user::username, dcrf::max_length<30>, dcrf::unique>,
                              dcrf::email_field<&user::email, dcrf::max_length<254>>,
                              dcrf::text_field<&user::password, dcrf::max_length<128>>,
                              dcrf::field<&user::is_staff, dcrf::defaulted>>;
};

template <>
struct dcrf::model<serializer_test::comment> {
  using comment = serializer_test::comment;
  static constexpr auto table = "comment";
  using primary_key = dcrf::primary_key<&comment::id>;
  using fields = dcrf::fields<
      dcrf::foreign_key<&comment::user, serializer_test::user, dcrf::on_delete::cascade>>;
};

template <>
struct dcrf::model<serializer_test::sample> {
  using sample = serializer_test::sample;
  static constexpr auto table = "sample";
  using primary_key = dcrf::primary_key<&sample::id>;
  using fields = dcrf::fields<
      dcrf::text_field<&sample::name, dcrf::max_length<20>>,
      dcrf::text_field<&sample::note, dcrf::blank>,
      dcrf::text_field<&sample::label, dcrf::max_length<10>, dcrf::blank>,
      dcrf::field<&sample::count, dcrf::value_range<-10, 100>, dcrf::defaulted>,
      dcrf::field<&sample::price, dcrf::digits<8, 2>>,
      dcrf::field<&sample::active, dcrf::defaulted>, dcrf::field<&sample::kind, dcrf::defaulted>,
      dcrf::foreign_key<&sample::owner, serializer_test::user, dcrf::on_delete::set_null>>;
};

template <>
struct dcrf::model<serializer_test::gadget> {
  using gadget = serializer_test::gadget;
  static constexpr auto table = "gadget";
  using primary_key = dcrf::primary_key<&gadget::name>;
  using fields =
      dcrf::fields<dcrf::text_field<&gadget::name, dcrf::max_length<32>>,
                   dcrf::text_field<&gadget::description, dcrf::max_length<255>, dcrf::blank>>;
};

template <>
struct dcrf::model<serializer_test::ticket> {
  static constexpr auto table = "ticket";
  using primary_key = dcrf::primary_key<&serializer_test::ticket::id>;
};

template <>
struct dcrf::model<serializer_test::part> {
  using part = serializer_test::part;
  static constexpr auto table = "part";
  using primary_key = dcrf::primary_key<&part::id>;
  using fields = dcrf::fields<
      dcrf::foreign_key<&part::gadget, serializer_test::gadget, dcrf::on_delete::cascade>,
      dcrf::foreign_key<&part::ticket, serializer_test::ticket, dcrf::on_delete::set_null>>;
};

template <>
struct dcrf::model<serializer_test::room> {
  using room = serializer_test::room;
  static constexpr auto table = "room";
  using primary_key = dcrf::primary_key<&room::id>;
  using fields =
      dcrf::fields<dcrf::text_field<&room::name, dcrf::max_length<255>, dcrf::unique>,
                   dcrf::foreign_key<&room::host, serializer_test::user, dcrf::on_delete::set_null>,
                   dcrf::relation<&room::current_users, dcrf::related_name<"current_rooms">>>;
};

template <>
struct dcrf::model<serializer_test::message> {
  using message = serializer_test::message;
  static constexpr auto table = "message";
  using primary_key = dcrf::primary_key<&message::id>;
  using fields = dcrf::fields<
      dcrf::foreign_key<&message::room, serializer_test::room, dcrf::on_delete::cascade>,
      dcrf::text_field<&message::text, dcrf::max_length<500>>,
      dcrf::foreign_key<&message::user, serializer_test::user, dcrf::on_delete::cascade>,
      dcrf::auto_now_add<&message::created_at>>;
};
