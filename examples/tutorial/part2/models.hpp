// Part 2 of docs/tutorial.md: the models of the chat, and how clients see them.
// [file]
#pragma once

#include <dcrf/dcrf.hpp>

#include <cstdint>
#include <string>

// [structs]
struct user {
  std::int64_t id{};
  std::string username;
};
BOOST_DESCRIBE_STRUCT(user, (), (id, username))

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
// [structs]

// [models]
template <>
struct dcrf::model<user> {
  static constexpr auto table = "chat_user";
  using primary_key = dcrf::primary_key<&user::id>;
  using fields =
      dcrf::fields<dcrf::text_field<&user::username, dcrf::max_length<30>, dcrf::unique>>;
};

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
// [models]

// [serializers]
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
// [serializers]
// [file]
