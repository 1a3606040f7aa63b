#include "dcrf/serializer/write.hpp"

#include "dcrf/serializer/internal/test_models.hpp"
#include "dcrf/serializer/serializer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <map>
#include <vector>

namespace serializer_test::writing {

namespace {

struct user_serializer : dcrf::model_serializer<user> {
  using fields = dcrf::shown<dcrf::field<&user::id>, dcrf::field<&user::username>,
                             dcrf::field<&user::password, dcrf::write_only>>;
};

struct comment_serializer : dcrf::model_serializer<comment> {
  using fields = dcrf::shown<dcrf::field<&comment::id>, dcrf::renamed<"body", &comment::text>,
                             dcrf::field<&comment::user, dcrf::named<"writer">>>;
};

struct comment_with_author : dcrf::model_serializer<comment> {
  using fields = dcrf::shown<dcrf::renamed<"author", &comment::user, &user::username>,
                             dcrf::nested<&comment::user, user_serializer>,
                             dcrf::renamed<"mail", &comment::user, &user::email>>;
};

struct message_serializer : dcrf::model_serializer<message> {
  using fields =
      dcrf::shown<dcrf::field<&message::id>, dcrf::nested<&message::user, user_serializer>,
                  dcrf::renamed<"host", &message::room, &room::host, &user::username>>;
};

struct room_serializer : dcrf::model_serializer<room> {
  using fields =
      dcrf::shown<dcrf::renamed<"pk", &room::id>, dcrf::field<&room::current_users>,
                  dcrf::referrers<"messages", &message::room, message_serializer, dcrf::limited<20>,
                                  dcrf::ordered_by<&message::created_at, &message::id>>,
                  dcrf::referrers<"last_message", &message::room, dcrf::keys_only, dcrf::single,
                                  dcrf::ordered_by_descending<&message::id>>>;
};

struct room_with_users : dcrf::model_serializer<room> {
  using fields =
      dcrf::shown<dcrf::nested<&room::current_users, user_serializer, dcrf::named<"users">>>;
};

struct user_with_rooms : dcrf::model_serializer<user> {
  using fields = dcrf::shown<dcrf::related<"rooms", &room::current_users, dcrf::keys_only>,
                             dcrf::related<"room_objects", &room::current_users, room_with_users>>;
};

struct deep_message : dcrf::model_serializer<message> {
  using fields = dcrf::shown<dcrf::field<&message::id>, dcrf::field<&message::room>>;
  static constexpr int depth = 2;
};

struct every_sample : dcrf::model_serializer<sample> {
  using fields = dcrf::all_fields;
};

struct every_room : dcrf::model_serializer<room> {
  using fields = dcrf::all_fields;
};

struct nothing_shown : dcrf::model_serializer<user> {
  using fields = dcrf::shown<dcrf::field<&user::password, dcrf::write_only>>;
};

template <class S>
std::string written(const dcrf::row& x, const dcrf::serializer_context& context = {}) {
  std::string result;
  dcrf::json_writer writer{result};
  write_json(writer, dcrf::serializer_of<S>(), x, context);
  return result;
}

dcrf::row user_row(std::int64_t id, const std::string& name) {
  return {dcrf::to_record(user{.id = id, .username = name, .email = name + "@example.com"})};
}

dcrf::row only_key(std::int64_t id) { return {.values = {id}}; }

const comment first_comment{.id = 1, .text = "hi", .user = 7};

} // namespace

TEST_CASE("fields are shown in their order, by their names") {
  CHECK(dcrf::to_json<comment_serializer>(first_comment).str()
        == R"({"id":1,"body":"hi","writer":7})");
}

TEST_CASE("fields that are write-only are not shown") {
  CHECK(dcrf::to_json<user_serializer>({.id = 1, .username = "ann", .password = "secret"}).str()
        == R"({"id":1,"username":"ann"})");
  CHECK(dcrf::to_json<nothing_shown>({.password = "secret"}).str() == "{}");
}

TEST_CASE("every type of field has its JSON") {
  sample x{.id = 1,
           .name = "a \"b\"",
           .note = "n",
           .label = "l",
           .count = -3,
           .big = INT64_MAX,
           .ratio = 1.0,
           .price = dcrf::decimal{150, 2},
           .kind = kind::b,
           .at = dcrf::timestamp::parse("2024-01-02T03:04:05Z"),
           .day = dcrf::date::parse("2024-02-29"),
           .uid = dcrf::uuid::parse("12345678-1234-5678-1234-567812345678"),
           .extra = dcrf::json_text::parse(R"({"a": [1, null]})"),
           .owner = 5};
  CHECK(dcrf::to_json<every_sample>(x).str()
        == R"({"id":1,"name":"a \"b\"","note":"n","label":"l","count":-3,)"
           R"("big":9223372036854775807,"ratio":1.0,"price":"1.50","active":true,"kind":"b",)"
           R"("at":"2024-01-02T03:04:05Z","day":"2024-02-29",)"
           R"("uid":"12345678-1234-5678-1234-567812345678","extra":{"a":[1,null]},"owner":5})");
}

TEST_CASE("what is null is shown as null") {
  auto shown = dcrf::to_json<every_sample>({}).to_json();
  for (const auto* name :
       {"label", "big", "ratio", "price", "at", "day", "uid", "extra", "owner"}) {
    CHECK(shown.at(name).is_null());
  }
}

TEST_CASE("a list of rows is a list of objects") {
  std::vector<dcrf::row> rows{user_row(1, "ann"), user_row(2, "bob")};
  std::string out;
  dcrf::json_writer writer{out};
  writer.begin_object().key("data");
  write_json_list(writer, dcrf::serializer_of<user_serializer>(), rows, {});
  writer.key("empty");
  write_json_list(writer, dcrf::serializer_of<user_serializer>(), {}, {});
  writer.end_object();
  CHECK(out == R"({"data":[{"id":1,"username":"ann"},{"id":2,"username":"bob"}],"empty":[]})");
}

TEST_CASE("a nested row and fields behind the same foreign key share one fetch") {
  const auto& plan = dcrf::serializer_of<comment_with_author>().plan();
  REQUIRE(plan.size() == 1);
  CHECK(plan[0].kind == dcrf::fetch::side::foreign_key);
  CHECK(plan[0].model == &dcrf::model_of<user>());
  CHECK(plan[0].field == 2);
  CHECK_FALSE(plan[0].keys_only);
  CHECK(plan[0].nested.empty());

  dcrf::row x{dcrf::to_record(first_comment), {{user_row(7, "ann")}}};
  CHECK(written<comment_with_author>(x)
        == R"({"author":"ann","user":{"id":7,"username":"ann"},"mail":"ann@example.com"})");
}

TEST_CASE("a reference that is null shows null") {
  dcrf::row x{dcrf::to_record(first_comment), {{}}};
  CHECK(written<comment_with_author>(x) == R"({"author":null,"user":null,"mail":null})");
}

TEST_CASE("a renamed field may follow several foreign keys") {
  const auto& plan = dcrf::serializer_of<message_serializer>().plan();
  REQUIRE(plan.size() == 2);
  CHECK(plan[0].model == &dcrf::model_of<user>());
  CHECK(plan[1].model == &dcrf::model_of<room>());
  REQUIRE(plan[1].nested.size() == 1);
  CHECK(plan[1].nested[0].model == &dcrf::model_of<user>());
  CHECK(plan[1].nested[0].field == 2);

  auto values = dcrf::to_record(message{.id = 4, .room = 3, .user = 7});
  dcrf::row in_room{dcrf::to_record(room{.id = 3, .host = 8}), {{user_row(8, "bob")}}};
  CHECK(written<message_serializer>({values, {{user_row(7, "ann")}, {in_room}}})
        == R"({"id":4,"user":{"id":7,"username":"ann"},"host":"bob"})");
  dcrf::row without_host{dcrf::to_record(room{.id = 3}), {{}}};
  CHECK(written<message_serializer>({values, {{user_row(7, "ann")}, {without_host}}})
        == R"({"id":4,"user":{"id":7,"username":"ann"},"host":null})");
}

TEST_CASE("related rows are shown by their keys or as objects") {
  const auto& plan = dcrf::serializer_of<room_serializer>().plan();
  REQUIRE(plan.size() == 3);
  CHECK(plan[0].kind == dcrf::fetch::side::targets);
  CHECK(plan[0].relation == dcrf::model_of<room>().find_relation("current_users"));
  CHECK(plan[0].keys_only);
  CHECK(plan[1].kind == dcrf::fetch::side::referrers);
  CHECK(plan[1].model == &dcrf::model_of<message>());
  CHECK(plan[1].field == 1);
  CHECK(plan[1].limit == 20);
  REQUIRE(plan[1].order_by.size() == 2);
  CHECK(plan[1].order_by[0].path == dcrf::column_path{4});
  CHECK_FALSE(plan[1].order_by[0].is_descending);
  CHECK(plan[1].order_by[1].path == dcrf::column_path{0});
  CHECK(plan[1].nested.size() == 2);
  CHECK(plan[2].limit == 1);
  CHECK(plan[2].keys_only);
  REQUIRE(plan[2].order_by.size() == 1);
  CHECK(plan[2].order_by[0].is_descending);

  dcrf::row x{dcrf::to_record(room{.id = 3, .name = "lobby"})};
  dcrf::row said{dcrf::to_record(message{.id = 9, .room = 3, .user = 7}),
                 {{user_row(7, "ann")}, {{dcrf::to_record(room{.id = 3}), {{}}}}}};
  x.related = {{only_key(7), only_key(8)}, {said}, {only_key(9)}};
  CHECK(written<room_serializer>(x)
        == R"({"pk":3,"current_users":[7,8],)"
           R"("messages":[{"id":9,"user":{"id":7,"username":"ann"},"host":null}],)"
           R"("last_message":9})");
  x.related = {{}, {}, {}};
  CHECK(written<room_serializer>(x)
        == R"({"pk":3,"current_users":[],"messages":[],"last_message":null})");
}

TEST_CASE("a many-to-many relation is shown from both sides") {
  const auto& near = dcrf::serializer_of<room_with_users>().plan();
  REQUIRE(near.size() == 1);
  CHECK(near[0].kind == dcrf::fetch::side::targets);
  CHECK_FALSE(near[0].keys_only);
  dcrf::row x{dcrf::to_record(room{.id = 3}), {{user_row(7, "ann"), user_row(8, "bob")}}};
  CHECK(written<room_with_users>(x)
        == R"({"users":[{"id":7,"username":"ann"},{"id":8,"username":"bob"}]})");

  const auto& far = dcrf::serializer_of<user_with_rooms>().plan();
  REQUIRE(far.size() == 2);
  CHECK(far[0].kind == dcrf::fetch::side::sources);
  CHECK(far[0].model == &dcrf::model_of<room>());
  CHECK(far[0].relation == dcrf::model_of<room>().find_relation("current_users"));
  CHECK(far[0].keys_only);
  CHECK(far[1].nested.size() == 1);
  dcrf::row of_user{user_row(7, "ann").values, {{only_key(3)}, {x}}};
  CHECK(written<user_with_rooms>(of_user)
        == R"({"rooms":[3],"room_objects":[{"users":[{"id":7,"username":"ann"},)"
           R"({"id":8,"username":"bob"}]}]})");
}

TEST_CASE("depth shows references as objects with all columns") {
  const auto& plan = dcrf::serializer_of<deep_message>().plan();
  REQUIRE(plan.size() == 1);
  CHECK(plan[0].model == &dcrf::model_of<room>());
  REQUIRE(plan[0].nested.size() == 2);
  CHECK(plan[0].nested[0].kind == dcrf::fetch::side::foreign_key);
  CHECK(plan[0].nested[1].kind == dcrf::fetch::side::targets);

  dcrf::row in_room{dcrf::to_record(room{.id = 3, .name = "lobby", .host = 7}),
                    {{user_row(7, "ann")}, {}}};
  dcrf::row x{dcrf::to_record(message{.id = 4, .room = 3}), {{in_room}}};
  CHECK(written<deep_message>(x)
        == R"({"id":4,"room":{"id":3,"name":"lobby","host":{"id":7,"username":"ann",)"
           R"("email":"ann@example.com","password":"","is_staff":false},"current_users":[]}})");
}

TEST_CASE("all fields are the members in their order") {
  dcrf::row x{dcrf::to_record(room{.id = 3, .name = "lobby"}), {{only_key(7)}}};
  CHECK(written<every_room>(x) == R"({"id":3,"name":"lobby","host":null,"current_users":[7]})");
}

TEST_CASE("only what the row itself holds needs no plan") {
  CHECK(dcrf::serializer_of<comment_serializer>().plan().empty());
  CHECK(dcrf::serializer_of<comment_serializer>().name == "comment_serializer");
  CHECK(dcrf::serializer_of<comment_serializer>().model == &dcrf::model_of<comment>());
}

} // namespace serializer_test::writing
