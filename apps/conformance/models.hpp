#pragma once

#include "dcrf/model/model.hpp"
#include "dcrf/store/schema.hpp"

#include <cstdint>
#include <optional>
#include <string>

// The tables that the conformance suite works on: between them they have every kind of field, of
// primary key and of relation.

namespace conformance {

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

struct item {
  std::int64_t id{};
  std::string name;
  std::int32_t rank = 0;
};
BOOST_DESCRIBE_STRUCT(item, (), (id, name, rank))

struct entry {
  std::int64_t id{};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(entry, (), (id, name))

/// One field of every type.
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
  std::string kind = "a";
  std::optional<dcrf::timestamp> at;
  std::optional<dcrf::date> day;
  std::optional<dcrf::uuid> uid;
  std::optional<dcrf::json_text> extra;
  std::optional<std::int64_t> owner;
};
BOOST_DESCRIBE_STRUCT(sample, (),
                      (id, name, note, label, count, big, ratio, price, active, kind, at, day, uid,
                       extra, owner))

/// Its primary key is a text.
struct gadget {
  std::string name;
  std::optional<std::string> description;
};
BOOST_DESCRIBE_STRUCT(gadget, (), (name, description))

/// Its primary key is random.
struct ticket {
  dcrf::uuid id;
  std::string title;
};
BOOST_DESCRIBE_STRUCT(ticket, (), (id, title))

struct team {
  std::int64_t id{};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(team, (), (id, name))

struct profile {
  std::int64_t id{};
  std::optional<std::int64_t> user;
  std::int64_t team{};
  dcrf::many_to_many<profile> friends;
};
BOOST_DESCRIBE_STRUCT(profile, (), (id, user, team, friends))

struct room {
  std::int64_t id{};
  std::string name;
  std::int64_t host{};
  dcrf::many_to_many<user> current_users;
};
BOOST_DESCRIBE_STRUCT(room, (), (id, name, host, current_users))

struct message {
  std::int64_t id{};
  std::int64_t room{};
  std::string text;
  std::int64_t user{};
  dcrf::timestamp created_at = dcrf::timestamp::now();
};
BOOST_DESCRIBE_STRUCT(message, (), (id, room, text, user, created_at))

struct thing {
  std::int64_t id{};
  std::string name;
  std::int32_t counter = 0;
};
BOOST_DESCRIBE_STRUCT(thing, (), (id, name, counter))

struct account {
  std::int64_t id{};
  std::string owner;
  std::int32_t balance = 0;
  std::int64_t revision = 0;
};
BOOST_DESCRIBE_STRUCT(account, (), (id, owner, balance, revision))

/// All of these, under the names that the control endpoint calls them by.
const dcrf::schema& all_models();

} // namespace conformance

template <>
struct dcrf::model<conformance::user> {
  static constexpr auto table = "user";
  using primary_key = dcrf::primary_key<&conformance::user::id>;
  using fields = dcrf::fields<
      dcrf::text_field<&conformance::user::username, dcrf::max_length<30>, dcrf::unique>,
      dcrf::email_field<&conformance::user::email, dcrf::max_length<254>>,
      dcrf::text_field<&conformance::user::password, dcrf::max_length<128>>,
      dcrf::field<&conformance::user::is_staff, dcrf::defaulted>>;
};

template <>
struct dcrf::model<conformance::comment> {
  static constexpr auto table = "comment";
  using primary_key = dcrf::primary_key<&conformance::comment::id>;
  using fields = dcrf::fields<
      dcrf::foreign_key<&conformance::comment::user, conformance::user, dcrf::on_delete::cascade>>;
};

template <>
struct dcrf::model<conformance::item> {
  static constexpr auto table = "item";
  using primary_key = dcrf::primary_key<&conformance::item::id>;
  using fields = dcrf::fields<dcrf::text_field<&conformance::item::name, dcrf::max_length<50>>,
                              dcrf::field<&conformance::item::rank, dcrf::defaulted>>;
};

template <>
struct dcrf::model<conformance::entry> {
  static constexpr auto table = "entry";
  using primary_key = dcrf::primary_key<&conformance::entry::id>;
  using fields = dcrf::fields<dcrf::text_field<&conformance::entry::name, dcrf::max_length<50>>>;
};

template <>
struct dcrf::model<conformance::sample> {
  static constexpr auto table = "sample";
  using primary_key = dcrf::primary_key<&conformance::sample::id>;
  using fields = dcrf::fields<
      dcrf::text_field<&conformance::sample::name, dcrf::max_length<20>>,
      dcrf::text_field<&conformance::sample::note, dcrf::blank>,
      dcrf::text_field<&conformance::sample::label, dcrf::max_length<10>, dcrf::blank>,
      dcrf::field<&conformance::sample::count, dcrf::value_range<-10, 100>, dcrf::defaulted>,
      dcrf::field<&conformance::sample::price, dcrf::digits<8, 2>>,
      dcrf::field<&conformance::sample::active, dcrf::defaulted>,
      dcrf::text_field<&conformance::sample::kind, dcrf::choices<"a", "b">, dcrf::defaulted>,
      dcrf::foreign_key<&conformance::sample::owner, conformance::user, dcrf::on_delete::set_null>>;
};

template <>
struct dcrf::model<conformance::gadget> {
  static constexpr auto table = "gadget";
  using primary_key = dcrf::primary_key<&conformance::gadget::name>;
  using fields = dcrf::fields<
      dcrf::text_field<&conformance::gadget::name, dcrf::max_length<32>>,
      dcrf::text_field<&conformance::gadget::description, dcrf::max_length<255>, dcrf::blank>>;
};

template <>
struct dcrf::model<conformance::ticket> {
  static constexpr auto table = "ticket";
  using primary_key = dcrf::primary_key<&conformance::ticket::id>;
  using fields = dcrf::fields<dcrf::text_field<&conformance::ticket::title, dcrf::max_length<50>>>;
};

template <>
struct dcrf::model<conformance::team> {
  static constexpr auto table = "team";
  using primary_key = dcrf::primary_key<&conformance::team::id>;
  using fields = dcrf::fields<dcrf::text_field<&conformance::team::name, dcrf::max_length<50>>>;
};

template <>
struct dcrf::model<conformance::profile> {
  static constexpr auto table = "profile";
  using primary_key = dcrf::primary_key<&conformance::profile::id>;
  using fields = dcrf::fields<
      dcrf::foreign_key<&conformance::profile::user, conformance::user, dcrf::on_delete::cascade>,
      dcrf::foreign_key<&conformance::profile::team, conformance::team, dcrf::on_delete::cascade>,
      dcrf::relation<&conformance::profile::friends, dcrf::related_name<"friended">, dcrf::blank>>;
};

template <>
struct dcrf::model<conformance::room> {
  static constexpr auto table = "room";
  using primary_key = dcrf::primary_key<&conformance::room::id>;
  using fields = dcrf::fields<
      dcrf::text_field<&conformance::room::name, dcrf::max_length<255>, dcrf::unique>,
      dcrf::foreign_key<&conformance::room::host, conformance::user, dcrf::on_delete::cascade>,
      dcrf::relation<&conformance::room::current_users, dcrf::related_name<"current_rooms">>>;
};

template <>
struct dcrf::model<conformance::message> {
  static constexpr auto table = "message";
  using primary_key = dcrf::primary_key<&conformance::message::id>;
  using fields = dcrf::fields<
      dcrf::foreign_key<&conformance::message::room, conformance::room, dcrf::on_delete::cascade>,
      dcrf::text_field<&conformance::message::text, dcrf::max_length<500>>,
      dcrf::foreign_key<&conformance::message::user, conformance::user, dcrf::on_delete::cascade>,
      dcrf::field<&conformance::message::created_at, dcrf::defaulted>>;
};

template <>
struct dcrf::model<conformance::thing> {
  static constexpr auto table = "thing";
  using primary_key = dcrf::primary_key<&conformance::thing::id>;
  using fields = dcrf::fields<dcrf::text_field<&conformance::thing::name, dcrf::max_length<64>>,
                              dcrf::field<&conformance::thing::counter, dcrf::defaulted>>;
};

template <>
struct dcrf::model<conformance::account> {
  static constexpr auto table = "account";
  using primary_key = dcrf::primary_key<&conformance::account::id>;
  using fields = dcrf::fields<dcrf::text_field<&conformance::account::owner, dcrf::max_length<30>>,
                              dcrf::field<&conformance::account::balance,
                                          dcrf::value_range<0, 2147483647>, dcrf::defaulted>,
                              dcrf::version<&conformance::account::revision>>;
};
