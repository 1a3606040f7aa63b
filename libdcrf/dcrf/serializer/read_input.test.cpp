#include "dcrf/serializer/read_input.hpp"

#include "dcrf/json/json_reader.hpp"
#include "dcrf/serializer/internal/test_models.hpp"
#include "dcrf/serializer/serializer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>

namespace serializer_test::reading {

namespace {

using dcrf::json;

struct every_sample : dcrf::model_serializer<sample> {
  using fields = dcrf::all_fields;
};

struct user_serializer : dcrf::model_serializer<user> {
  using fields =
      dcrf::shown<dcrf::field<&user::id>, dcrf::field<&user::username>, dcrf::field<&user::email>,
                  dcrf::field<&user::is_staff, dcrf::read_only>,
                  dcrf::field<&user::password, dcrf::write_only>>;
};

struct gadget_serializer : dcrf::model_serializer<gadget> {
  using fields = dcrf::all_fields;
};

struct ticket_serializer : dcrf::model_serializer<ticket> {
  using fields = dcrf::all_fields;
};

struct part_serializer : dcrf::model_serializer<part> {
  using fields = dcrf::all_fields;
};

struct message_serializer : dcrf::model_serializer<message> {
  using fields = dcrf::all_fields;
};

struct room_serializer : dcrf::model_serializer<room> {
  using fields =
      dcrf::shown<dcrf::renamed<"title", &room::name>, dcrf::field<&room::current_users>>;
};

struct linked_room : dcrf::model_serializer<room> {
  using fields = dcrf::shown<dcrf::link<&room::current_users>>;
};

struct user_rooms : dcrf::model_serializer<user> {
  using fields = dcrf::shown<dcrf::related<"rooms", &room::current_users, dcrf::keys_only>>;
};

template <class S>
dcrf::validated_input read(const std::string& text, bool partial = false) {
  dcrf::json_reader reader;
  return dcrf::read_input(dcrf::serializer_of<S>(), reader.read(text), {}, partial);
}

template <class S>
std::string errors_of(const std::string& text, bool partial = false) {
  return read<S>(text, partial).errors.to_json_text().str();
}

// What a sample's field becomes, shown as JSON; or its errors.
std::string taken(const std::string& field, const std::string& given) {
  auto result = read<every_sample>("{\"" + field + "\":" + given + "}", true);
  if (result.has_errors()) {
    return result.errors.to_json_text().to_json().at(field).dump();
  }
  std::string out;
  dcrf::json_writer writer{out};
  write_json(writer, *result.find(*dcrf::model_of<sample>().find_field(field)));
  return out;
}

std::string error(const std::string& text) { return json::array({text}).dump(); }

const auto null_error = error("This field may not be null.");
const auto required = error("This field is required.");

struct conversion {
  std::string field;
  std::string given;
  std::string shown;
};

} // namespace

TEST_CASE("good input becomes the field's type") {
  auto x = GENERATE(values<conversion>({
      {"name", R"("  ann\t\n")", R"("ann")"},
      {"name", R"("\u00a0\u2003ann\u3000\u0085")", R"("ann")"},
      {"name", "12345", R"("12345")"},
      {"name", "1.5", R"("1.5")"},
      {"note", R"("")", R"("")"},
      {"note", R"("   ")", R"("")"},
      {"label", "null", "null"},
      {"label", R"("")", R"("")"},
      {"count", "42", "42"},
      {"count", R"("42")", "42"},
      {"count", R"(" 7 ")", "7"},
      {"count", R"("7.0")", "7"},
      {"count", R"("7.")", "7"},
      {"count", R"("+7")", "7"},
      {"count", R"("-7.000 ")", "-7"},
      {"count", "7.0", "7"},
      {"count", "-10", "-10"},
      {"count", "100", "100"},
      {"big", "9223372036854775807", "9223372036854775807"},
      {"big", "-9223372036854775808", "-9223372036854775808"},
      {"big", R"("9223372036854775807")", "9223372036854775807"},
      {"big", "9007199254740993", "9007199254740993"},
      {"big", "null", "null"},
      {"ratio", "0.1", "0.1"},
      {"ratio", "1", "1.0"},
      {"ratio", R"(" 1e3 ")", "1000.0"},
      {"ratio", R"("+.5")", "0.5"},
      {"price", R"("1.5")", R"("1.50")"},
      {"price", "3", R"("3.00")"},
      {"price", "2.25", R"("2.25")"},
      {"price", R"("-0.1")", R"("-0.10")"},
      {"price", R"(" 1e2 ")", R"("100.00")"},
      {"price", R"("123456.78")", R"("123456.78")"},
      {"price", R"("  ")", "null"},
      {"price", "null", "null"},
      {"kind", R"("b")", R"("b")"},
      {"at", R"("2024-02-29T23:59:58.123456Z")", R"("2024-02-29T23:59:58.123456Z")"},
      {"at", R"("2024-01-01 01:00+02:00")", R"("2023-12-31T23:00:00Z")"},
      {"day", R"("2024-02-29")", R"("2024-02-29")"},
      {"uid", R"("12345678123456781234567812345678")", R"("12345678-1234-5678-1234-567812345678")"},
      {"uid", R"("ABCDEF78-1234-5678-1234-567812345678")",
       R"("abcdef78-1234-5678-1234-567812345678")"},
      {"extra", R"({"a": [1, null, {"b": true}], "ü": 1.5})",
       R"({"a":[1,null,{"b":true}],"ü":1.5})"},
      {"extra", R"("")", R"("")"},
      {"owner", "5", "5"},
      {"owner", R"("5")", "5"},
      {"owner", R"(" 5 ")", "5"},
      {"owner", R"("")", "null"},
      {"owner", "null", "null"},
  }));
  CAPTURE(x.field, x.given);
  CHECK(taken(x.field, x.given) == x.shown);
}

TEST_CASE("booleans have many texts") {
  for (const auto* yes : {"true", "1", "1.0", R"("1")", R"("t")", R"("T")", R"("y")", R"("Y")",
                          R"("yes")", R"("Yes")", R"("YES")", R"("true")", R"("True")", R"("TRUE")",
                          R"("on")", R"("On")", R"("ON")"}) {
    CAPTURE(yes);
    CHECK(taken("active", yes) == "true");
  }
  for (const auto* no :
       {"false", "0", R"("0")", R"("f")", R"("F")", R"("n")", R"("N")", R"("no")", R"("No")",
        R"("NO")", R"("false")", R"("False")", R"("FALSE")", R"("off")", R"("Off")", R"("OFF")"}) {
    CAPTURE(no);
    CHECK(taken("active", no) == "false");
  }
  for (const auto* neither : {R"("maybe")", "2", R"("")", "[]", "{}", R"("null")", R"(" t")"}) {
    CAPTURE(neither);
    CHECK(taken("active", neither) == error("Must be a valid boolean."));
  }
}

TEST_CASE("bad input gets DRF's message") {
  const std::string datetime = "Datetime has wrong format. Use one of these formats instead: "
                               "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";
  const std::string date = "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.";
  auto x = GENERATE_COPY(values<conversion>({
      {"name", "true", "Not a valid string."},
      {"name", "[]", "Not a valid string."},
      {"name", "{}", "Not a valid string."},
      {"name", R"(" ")", "This field may not be blank."},
      {"name", R"("a\u0000b")", "Null characters are not allowed."},
      {"name", R"("123456789012345678901")", "Ensure this field has no more than 20 characters."},
      {"label", R"("xxxxxxxxxxx")", "Ensure this field has no more than 10 characters."},
      {"count", R"("x")", "A valid integer is required."},
      {"count", R"("")", "A valid integer is required."},
      {"count", R"("1.5")", "A valid integer is required."},
      {"count", R"("1e1")", "A valid integer is required."},
      {"count", R"("0x10")", "A valid integer is required."},
      {"count", R"("-")", "A valid integer is required."},
      {"count", R"("+-1")", "A valid integer is required."},
      {"count", R"(".0")", "A valid integer is required."},
      {"count", "1.5", "A valid integer is required."},
      {"count", "true", "A valid integer is required."},
      {"count", "[]", "A valid integer is required."},
      {"count", "{}", "A valid integer is required."},
      {"count", "101", "Ensure this value is less than or equal to 100."},
      {"count", "-11", "Ensure this value is greater than or equal to -10."},
      {"count", "99999999999999999999", "Ensure this value is less than or equal to 100."},
      {"big", "9223372036854775808",
       "Ensure this value is less than or equal to 9223372036854775807."},
      {"big", R"("-9223372036854775809")",
       "Ensure this value is greater than or equal to -9223372036854775808."},
      {"big", "1e30", "Ensure this value is less than or equal to 9223372036854775807."},
      {"big", "1e17", "A valid integer is required."},
      {"count", "-1e30", "Ensure this value is greater than or equal to -10."},
      {"ratio", R"("x")", "A valid number is required."},
      {"ratio", R"("")", "A valid number is required."},
      {"ratio", R"("nan")", "A valid number is required."},
      {"ratio", R"("inf")", "A valid number is required."},
      {"ratio", R"("1e999")", "A valid number is required."},
      {"ratio", "true", "A valid number is required."},
      {"ratio", "[1]", "A valid number is required."},
      {"price", R"("x")", "A valid number is required."},
      {"price", R"("NaN")", "A valid number is required."},
      {"price", "true", "A valid number is required."},
      {"price", "[]", "A valid number is required."},
      {"price", R"("1.234")", "Ensure that there are no more than 2 decimal places."},
      {"price", R"("1.000")", "Ensure that there are no more than 2 decimal places."},
      {"price", R"("1234567.1")",
       "Ensure that there are no more than 6 digits before the decimal point."},
      {"price", R"("123456789")", "Ensure that there are no more than 8 digits in total."},
      {"price", R"("1234567.123")", "Ensure that there are no more than 8 digits in total."},
      {"price", R"("1e99999999999")", "Ensure that there are no more than 8 digits in total."},
      {"kind", R"("c")", R"("c" is not a valid choice.)"},
      {"kind", "5", R"("5" is not a valid choice.)"},
      {"kind", R"("")", R"("" is not a valid choice.)"},
      {"kind", "true", R"("True" is not a valid choice.)"},
      {"kind", R"(["a", null])", R"("['a', None]" is not a valid choice.)"},
      {"at", R"("0001-01-01T00:00+01:00")", "Datetime value out of range."},
      {"at", R"("yesterday")", datetime},
      {"at", R"("2024-13-01T00:00:00Z")", datetime},
      {"at", R"("2024-01-02")", datetime},
      {"at", "5", datetime},
      {"at", R"("")", datetime},
      {"day", R"("2023-02-29")", date},
      {"day", R"("29.02.2024")", date},
      {"day", R"("2024-02-29T00:00:00")", date},
      {"day", "5", date},
      {"day", R"("")", date},
      {"uid", R"("123")", "Must be a valid UUID."},
      {"uid", "5", "Must be a valid UUID."},
      {"owner", R"("x")", "Incorrect type. Expected pk value, received str."},
      {"owner", R"("7.0")", "Incorrect type. Expected pk value, received str."},
      {"owner", "[1]", "Incorrect type. Expected pk value, received list."},
      {"owner", R"({"id": 1})", "Incorrect type. Expected pk value, received dict."},
      {"owner", "true", "Incorrect type. Expected pk value, received bool."},
      {"owner", "1.5", "Invalid pk \"1.5\" - object does not exist."},
      {"owner", "1e30", "Invalid pk \"1e+30\" - object does not exist."},
      {"owner", "9223372036854775808",
       R"(Invalid pk "9223372036854775808" - object does not exist.)"},
  }));
  CAPTURE(x.field, x.given);
  CHECK(taken(x.field, x.given) == error(x.shown));
}

TEST_CASE("null is refused where the model has none") {
  for (const auto* field : {"name", "note", "count", "active", "kind"}) {
    CAPTURE(field);
    CHECK(taken(field, "null") == null_error);
  }
  for (const auto* field : {"label", "ratio", "at", "day", "uid", "extra"}) {
    CAPTURE(field);
    CHECK(taken(field, "null") == "null");
  }
}

TEST_CASE("a reference has the type of the key that it refers to") {
  CHECK_FALSE(read<part_serializer>(R"({"gadget": "lamp"})").has_errors());
  auto numeric = read<part_serializer>(R"({"gadget": 5})");
  CHECK(*numeric.find(1) == dcrf::value{std::string{"5"}});
  CHECK(errors_of<part_serializer>(R"({"gadget": [], "ticket": "nonsense"})")
        == R"({"gadget":["Incorrect type. Expected pk value, received list."],)"
           R"("ticket":["Incorrect type. Expected pk value, received str."]})");
  CHECK(errors_of<part_serializer>(R"({"gadget": ""})")
        == R"({"gadget":["This field may not be null."]})");
  auto given = read<part_serializer>(
      R"({"gadget": "lamp", "ticket": "12345678-1234-5678-1234-567812345678"})");
  CHECK(*given.find(2) == dcrf::value{*dcrf::uuid::parse("12345678123456781234567812345678")});
}

TEST_CASE("length counts code points") {
  std::string thirty;
  for (int i = 0; i < 30; ++i) {
    thirty += "\xf0\x9f\x98\x80";
  }
  CHECK_FALSE(read<user_serializer>(R"({"username": ")" + thirty + R"("})", true).has_errors());
  CHECK(errors_of<user_serializer>(R"({"username": "x)" + thirty + R"("})", true)
        == R"({"username":["Ensure this field has no more than 30 characters."]})");
}

TEST_CASE("all that is wrong with a field comes together") {
  for (const auto* no_text : {"true", "[]", "{}"}) {
    CHECK(errors_of<user_serializer>(R"({"email": )" + std::string{no_text} + "}", true)
          == R"({"email":["Enter a valid email address."]})");
  }
  CHECK(errors_of<user_serializer>(R"({"email": ")" + std::string(255, 'x') + R"("})", true)
        == R"({"email":["Ensure this field has no more than 254 characters.",)"
           R"("Enter a valid email address."]})");
}

TEST_CASE("all fields that are wrong come together, in their order") {
  CHECK(errors_of<user_serializer>("{}")
        == R"({"username":["This field is required."],"email":["This field is required."],)"
           R"("password":["This field is required."]})");
  CHECK(
      errors_of<user_serializer>(R"({"password": "   ", "username": "", "email": null})")
      == R"({"username":["This field may not be blank."],"email":["This field may not be null."],)"
         R"("password":["This field may not be blank."]})");
}

TEST_CASE("what has a default, may be null or blank is not required") {
  CHECK(errors_of<every_sample>("{}") == R"({"name":["This field is required."]})");
  auto result = read<every_sample>(R"({"name": "s"})");
  REQUIRE_FALSE(result.has_errors());
  CHECK(result.changes.size() == 1);
  auto row = dcrf::from_record<sample>(result.to_record());
  CHECK(row.name == "s");
  CHECK(row.active);
  CHECK(row.kind == kind::a);
  CHECK_FALSE(row.label);
}

TEST_CASE("a patch reads only what is given") {
  CHECK_FALSE(read<user_serializer>("{}", true).has_errors());
  auto result = read<user_serializer>(R"({"email": "x@example.com"})", true);
  REQUIRE(result.changes.size() == 1);
  CHECK(result.changes[0] == std::pair{std::size_t{2}, dcrf::value{"x@example.com"}});
  CHECK(errors_of<user_serializer>(R"({"email": "x"})", true)
        == R"({"email":["Enter a valid email address."]})");
}

TEST_CASE("fields that are unknown or read-only are ignored") {
  auto result = read<user_serializer>(
      R"({"id": 99, "is_staff": true, "nonsense": [], "email": "x@example.com"})", true);
  CHECK_FALSE(result.has_errors());
  CHECK(result.changes.size() == 1);
}

TEST_CASE("what is wrong keeps the rest from nobody") {
  auto result = read<user_serializer>(R"({"username": "", "email": "x@example.com"})");
  CHECK(result.find(1) == nullptr);
  CHECK(*result.find(2) == dcrf::value{"x@example.com"});
}

TEST_CASE("the server gives keys and times, but not a text key") {
  CHECK_FALSE(
      read<ticket_serializer>(R"({"id": "12345678-1234-5678-1234-567812345678", "title": "t"})")
          .find(0));
  CHECK(read<gadget_serializer>(R"({"name": "lamp"})").find(0) != nullptr);
  CHECK(errors_of<gadget_serializer>("{}") == R"({"name":["This field is required."]})");
  auto result = read<message_serializer>(
      R"({"room": 1, "text": "t", "user": 1, "created_at": "2024-01-01T00:00Z"})");
  CHECK_FALSE(result.has_errors());
  CHECK(result.changes.size() == 3);
}

TEST_CASE("input that is no object is refused") {
  auto refusal = [](const std::string& type) {
    return R"({"non_field_errors":["Invalid data. Expected a dictionary, but got )" + type
           + R"(."]})";
  };
  CHECK(errors_of<user_serializer>("[]") == refusal("list"));
  CHECK(errors_of<user_serializer>("\"text\"") == refusal("str"));
  CHECK(errors_of<user_serializer>("5") == refusal("int"));
  CHECK(errors_of<user_serializer>("true") == refusal("bool"));
  CHECK(errors_of<user_serializer>("1.5") == refusal("float"));
  CHECK(errors_of<user_serializer>("null") == R"({"non_field_errors":["No data provided"]})");
}

TEST_CASE("a member is written under the name it is shown by") {
  auto result = read<room_serializer>(R"({"title": "lobby", "name": "other"})", true);
  CHECK(*result.find(1) == dcrf::value{"lobby"});
}

TEST_CASE("many-to-many members are written as lists of keys") {
  auto result = read<room_serializer>(R"({"title": "r", "current_users": [3, "4"]})");
  REQUIRE_FALSE(result.has_errors());
  REQUIRE(result.related.size() == 1);
  CHECK(result.related[0].relation == dcrf::model_of<room>().find_relation("current_users"));
  CHECK_FALSE(result.related[0].reverse);
  CHECK(result.related[0].keys == std::vector<dcrf::value>{std::int64_t{3}, std::int64_t{4}});

  auto refused = [](const std::string& given) {
    return read<room_serializer>(R"({"current_users": )" + given + "}", true)
        .errors.to_json_text()
        .to_json()
        .at("current_users")
        .dump();
  };
  CHECK(refused("null") == null_error);
  CHECK(refused("5") == error("Expected a list of items but got type \"int\"."));
  CHECK(refused("\"5\"") == error("Expected a list of items but got type \"str\"."));
  CHECK(refused("[]") == error("This list may not be empty."));
  CHECK(refused(R"([1, "x", true])") == error("Incorrect type. Expected pk value, received str."));
  CHECK(errors_of<room_serializer>(R"({"title": "r"})")
        == R"({"current_users":["This field is required."]})");
}

TEST_CASE("links to many are required and empty as the model has it") {
  CHECK(errors_of<linked_room>("{}") == R"({"current_users":["This field is required."]})");
  CHECK(errors_of<linked_room>(R"({"current_users": []})")
        == R"({"current_users":["This list may not be empty."]})");
  CHECK(errors_of<linked_room>(R"({"current_users": null})")
        == R"({"current_users":["This field may not be null."]})");
}

TEST_CASE("the far side of a relation may be written, but need not be") {
  CHECK_FALSE(read<user_rooms>("{}").has_errors());
  auto result = read<user_rooms>(R"({"rooms": []})");
  REQUIRE(result.related.size() == 1);
  CHECK(result.related[0].reverse);
  CHECK(result.related[0].keys.empty());
}

TEST_CASE("keys are read as the model has them") {
  dcrf::json_reader reader;
  auto key = [&](const dcrf::model_descriptor& model, const char* text) {
    return dcrf::read_key(model.key_field(), reader.read(text));
  };
  CHECK(key(dcrf::model_of<user>(), "7") == dcrf::value{std::int64_t{7}});
  CHECK(key(dcrf::model_of<user>(), "\"7\"") == dcrf::value{std::int64_t{7}});
  CHECK(key(dcrf::model_of<gadget>(), "\"lamp\"") == dcrf::value{std::string{"lamp"}});
  for (const auto* text : {"\"abc\"", "\"\"", "\"1x\"", "[1]", R"({"id": 1})", "null", "1e30",
                           "18446744073709551615", "true"}) {
    CAPTURE(text);
    CHECK_FALSE(key(dcrf::model_of<user>(), text));
  }
  for (const auto* text : {"\"nonsense\"", "5", "null"}) {
    CHECK_FALSE(key(dcrf::model_of<ticket>(), text));
  }
}

TEST_CASE("a list of objects is read to its end", "[read_input]") {
  auto read_list = [](const std::string& text, bool allow_empty = true) {
    dcrf::json_reader reader;
    return dcrf::read_input_list(dcrf::serializer_of<gadget_serializer>(), reader.read(text), {},
                                 allow_empty);
  };
  auto found = read_list(R"([{"name": "a"}, {}, 3, {"name": "b"}])");
  CHECK_FALSE(found.is_valid);
  REQUIRE(found.items.size() == 4);
  CHECK(found.errors.to_json_text().to_json()
        == json::parse(R"([{}, {"name": ["This field is required."]}, {"non_field_errors":
             ["Invalid data. Expected a dictionary, but got int."]}, {}])"));
  auto right = read_list(R"([{"name": "a"}])");
  CHECK(right.is_valid);
  CHECK(right.items.at(0).to_record().at(0) == dcrf::value{std::string{"a"}});
  CHECK(read_list("[]").is_valid);
  auto empty = read_list("[]", false);
  CHECK_FALSE(empty.is_valid);
  CHECK(empty.errors.to_json_text().to_json()
        == json{{"non_field_errors", {"This list may not be empty."}}});
  CHECK(read_list("{}").errors.to_json_text().to_json()
        == json{{"non_field_errors", {"Expected a list of items but got type \"dict\"."}}});
}

} // namespace serializer_test::reading
