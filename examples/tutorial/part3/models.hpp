// Part 3 of docs/tutorial.md: the models of part 2, with a password and log-ins.
#pragma once

#include <dcrf/dcrf.hpp>

#include <cstdint>
#include <optional>
#include <string>

// [user]
struct user {
  std::int64_t id{};
  std::string username;
  /// A hash with its salt; null for who came before there were passwords.
  std::optional<std::string> password;
};
BOOST_DESCRIBE_STRUCT(user, (), (id, username, password))

/// A browser that is logged in. The cookie has the token, the row its hash.
struct login {
  std::string token_hash;
  std::int64_t user{};
};
BOOST_DESCRIBE_STRUCT(login, (), (token_hash, user))
// [user]

struct room {
  std::int64_t id{};
  std::string name;
  dcrf::many_to_many<user> current_users;
};
BOOST_DESCRIBE_STRUCT(room, (), (id, name, current_users))

struct message {
  std::int64_t id{};
  std::int64_t room{};
  std::int64_t user{};
  std::string text;
  dcrf::timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(message, (), (id, room, user, text, created_at))

template <>
struct dcrf::model<user> {
  static constexpr auto table = "chat_user";
  using primary_key = dcrf::primary_key<&user::id>;
  using fields =
      dcrf::fields<dcrf::text_field<&user::username, dcrf::max_length<30>, dcrf::unique>>;
};

// [login]
template <>
struct dcrf::model<login> {
  static constexpr auto table = "chat_login";
  using primary_key = dcrf::primary_key<&login::token_hash>;
  using fields = dcrf::fields<dcrf::foreign_key<&login::user, user, dcrf::on_delete::cascade>>;
};
// [login]

template <>
struct dcrf::model<room> {
  static constexpr auto table = "chat_room";
  using primary_key = dcrf::primary_key<&room::id>;
  using fields = dcrf::fields<
      dcrf::text_field<&room::name, dcrf::max_length<100>, dcrf::unique>,
      dcrf::relation<&room::current_users, dcrf::related_name<"current_rooms">, dcrf::blank>>;
};

template <>
struct dcrf::model<message> {
  static constexpr auto table = "chat_message";
  using primary_key = dcrf::primary_key<&message::id>;
  using fields = dcrf::fields<dcrf::foreign_key<&message::room, room, dcrf::on_delete::cascade>,
                              dcrf::foreign_key<&message::user, user, dcrf::on_delete::cascade>,
                              dcrf::text_field<&message::text, dcrf::max_length<500>>,
                              dcrf::auto_now_add<&message::created_at>>;
};

struct user_serializer : dcrf::model_serializer<user> {
  using fields = dcrf::shown<dcrf::field<&user::id>, dcrf::field<&user::username>>;
};

struct message_serializer : dcrf::model_serializer<message> {
  using fields =
      dcrf::shown<dcrf::field<&message::id>, dcrf::field<&message::text>,
                  dcrf::field<&message::room>, dcrf::nested<&message::user, user_serializer>,
                  dcrf::field<&message::created_at>>;
};

struct room_serializer : dcrf::model_serializer<room> {
  using fields =
      dcrf::shown<dcrf::renamed<"pk", &room::id>, dcrf::field<&room::name>,
                  dcrf::nested<&room::current_users, user_serializer>,
                  dcrf::referrers<"last_message", &message::room, message_serializer,
                                  dcrf::ordered_by_descending<&message::id>, dcrf::single>>;
};
