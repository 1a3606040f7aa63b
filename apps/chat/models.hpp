#pragma once

#include "dcrf/model/model.hpp"
#include "dcrf/serializer/serializer.hpp"

#include <cstdint>
#include <optional>
#include <string>

// The chat's models and how clients see them.

namespace chat {

struct user {
  std::int64_t id{};
  std::string username;
  /// A hash made by libsodium, with its salt and parameters.
  std::string password;
  /// The same for all names that look alike, see key_of_name; null for a user from before there
  /// were keys whose name looks like another's.
  std::optional<std::string> name_key{};
};
BOOST_DESCRIBE_STRUCT(user, (), (id, username, password, name_key))

/// A browser that is logged in. The cookie has a token, the row its hash: who reads the database
/// can't log in with it.
struct login {
  std::string token_hash;
  std::int64_t user{};
  dcrf::timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(login, (), (token_hash, user, expires_at))

struct room {
  std::int64_t id{};
  std::string name;
  std::int64_t host{};
  /// Who is in the room now, as presence says.
  dcrf::many_to_many<user> current_users;
};
BOOST_DESCRIBE_STRUCT(room, (), (id, name, host, current_users))

struct message {
  std::int64_t id{};
  std::int64_t room{};
  std::int64_t user{};
  std::string text;
  dcrf::timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(message, (), (id, room, user, text, created_at))

} // namespace chat

template <>
struct dcrf::model<chat::user> {
  static constexpr auto table = "chat_user";
  using primary_key = dcrf::primary_key<&chat::user::id>;
  using fields =
      dcrf::fields<dcrf::text_field<&chat::user::username, dcrf::max_length<30>, dcrf::unique>,
                   dcrf::text_field<&chat::user::name_key, dcrf::unique>>;
};

template <>
struct dcrf::model<chat::login> {
  static constexpr auto table = "chat_login";
  using primary_key = dcrf::primary_key<&chat::login::token_hash>;
  using fields =
      dcrf::fields<dcrf::foreign_key<&chat::login::user, chat::user, dcrf::on_delete::cascade>,
                   dcrf::field<&chat::login::expires_at, dcrf::indexed>>;
};

template <>
struct dcrf::model<chat::room> {
  static constexpr auto table = "chat_room";
  using primary_key = dcrf::primary_key<&chat::room::id>;
  using fields =
      dcrf::fields<dcrf::text_field<&chat::room::name, dcrf::max_length<100>, dcrf::unique>,
                   dcrf::foreign_key<&chat::room::host, chat::user, dcrf::on_delete::cascade>,
                   dcrf::relation<&chat::room::current_users, dcrf::related_name<"current_rooms">>>;
};

template <>
struct dcrf::model<chat::message> {
  static constexpr auto table = "chat_message";
  using primary_key = dcrf::primary_key<&chat::message::id>;
  using fields =
      dcrf::fields<dcrf::foreign_key<&chat::message::room, chat::room, dcrf::on_delete::cascade>,
                   dcrf::foreign_key<&chat::message::user, chat::user, dcrf::on_delete::cascade>,
                   dcrf::text_field<&chat::message::text, dcrf::max_length<500>>,
                   dcrf::auto_now_add<&chat::message::created_at>>;
};

namespace chat {

struct user_serializer : dcrf::model_serializer<user> {
  using fields = dcrf::shown<dcrf::field<&user::id>, dcrf::field<&user::username>>;
};

struct room_serializer : dcrf::model_serializer<room> {
  using fields = dcrf::shown<dcrf::renamed<"pk", &room::id>, dcrf::field<&room::name>,
                             dcrf::nested<&room::host, user_serializer>,
                             dcrf::nested<&room::current_users, user_serializer>>;
};

/// A room without those who are in it.
struct title_serializer : dcrf::model_serializer<room> {
  using fields = dcrf::shown<dcrf::renamed<"pk", &room::id>, dcrf::field<&room::name>,
                             dcrf::nested<&room::host, user_serializer>>;
};

/// "DD-MM-YYYY hh:mm:ss", in UTC.
std::string format_created_at(const message& x);

struct message_serializer : dcrf::model_serializer<message> {
  using fields =
      dcrf::shown<dcrf::field<&message::id>, dcrf::field<&message::text>,
                  dcrf::field<&message::room>, dcrf::nested<&message::user, user_serializer>,
                  dcrf::field<&message::created_at>,
                  dcrf::computed<"created_at_formatted", &format_created_at>>;
};

} // namespace chat
