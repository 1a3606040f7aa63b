#include "dcrf/serializer/validated.hpp"

#include "dcrf/json/json_reader.hpp"
#include "dcrf/serializer/internal/test_models.hpp"
#include "dcrf/serializer/serializer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace serializer_test::validating {

namespace {

struct user_serializer : dcrf::model_serializer<user> {
  using fields = dcrf::shown<dcrf::field<&user::username>, dcrf::field<&user::password>>;

  static void prepare(dcrf::validated<user>& data, const dcrf::serializer_context& context) {
    if (data.has<&user::password>()) {
      data.set<&user::password>("set:" + data.get<&user::password>());
    }
    data.set<&user::is_staff>(context.action == "promote");
  }
};

void no_spam(const std::string& text) {
  if (text.find("spam") != text.npos) {
    throw dcrf::validation_error("No spam here.");
  }
}

void no_shouting(const std::string& text, const dcrf::serializer_context& context) {
  if (context.action != "shout" && text.find('!') != text.npos) {
    throw dcrf::validation_error(std::vector<std::string>{"Too loud.", "Calm down."});
  }
}

std::string without_tabs(std::string text) {
  std::erase(text, '\t');
  return text;
}

void inner_errors(const std::string& text) {
  if (text == "nested") {
    throw dcrf::validation_error(dcrf::json{{"street", {"Unknown street."}}});
  }
}

struct comment_serializer : dcrf::model_serializer<comment> {
  using fields =
      dcrf::shown<dcrf::field<&comment::text, dcrf::validated_by<&no_spam, &no_shouting,
                                                                 &without_tabs, &inner_errors>>,
                  dcrf::field<&comment::user, dcrf::optional_input>>;

  static void validate(const dcrf::validated<comment>& data, const dcrf::serializer_context&) {
    if (data.has<&comment::text>() && data.get<&comment::text>() == "forbidden") {
      throw dcrf::validation_error("This comment is not allowed.");
    }
    if (!data.has<&comment::text>()) {
      throw dcrf::validation_error("text", "Say something.");
    }
  }
};

void never_long(const std::string& label) {
  if (label.size() > 3) {
    throw dcrf::validation_error("Too long.");
  }
}

struct sample_serializer : dcrf::model_serializer<sample> {
  using fields =
      dcrf::shown<dcrf::field<&sample::label, dcrf::validated_by<&never_long>, dcrf::required>>;
};

void must_be_kept(const std::optional<std::string>& label) {
  if (!label) {
    throw dcrf::validation_error("Must be kept.");
  }
}

std::optional<std::string> or_none(const std::optional<std::string>& label) {
  return label.value_or("none");
}

struct kept_serializer : dcrf::model_serializer<sample> {
  using fields =
      dcrf::shown<dcrf::field<&sample::label, dcrf::validated_by<&must_be_kept, &never_long>>>;
};

struct filled_serializer : dcrf::model_serializer<sample> {
  using fields = dcrf::shown<dcrf::field<&sample::label, dcrf::validated_by<&or_none>>>;
};

using keys = std::vector<std::int64_t>;

keys at_most_two(keys given) {
  if (given.size() > 2) {
    throw dcrf::validation_error("Too many.");
  }
  std::ranges::sort(given);
  return given;
}

struct room_serializer : dcrf::model_serializer<room> {
  using fields = dcrf::shown<dcrf::field<&room::current_users>>;
};

struct sorted_room_serializer : dcrf::model_serializer<room> {
  using fields = dcrf::shown<dcrf::field<&room::current_users, dcrf::validated_by<&at_most_two>>>;
};

struct few_rooms_serializer : dcrf::model_serializer<user> {
  using fields = dcrf::shown<dcrf::related<"rooms", &room::current_users, dcrf::keys_only,
                                           dcrf::validated_by<&at_most_two>>>;
};

const auto label_field = dcrf::model_of<sample>().find_field("label");

template <class S>
dcrf::validated_input read(const std::string& text, std::string_view action = {}) {
  dcrf::json_reader reader;
  return dcrf::read_input(dcrf::serializer_of<S>(), reader.read(text), {.action = action}, true);
}

} // namespace

TEST_CASE("a serializer may change what is about to be written") {
  auto result = read<user_serializer>(R"({"username": "ann", "password": "secret"})", "promote");
  auto row = dcrf::from_record<user>(result.to_record());
  CHECK(row.username == "ann");
  CHECK(row.password == "set:secret");
  CHECK(row.is_staff);
  CHECK(read<user_serializer>(R"({"username": "ann"})").find(3) == nullptr);
}

TEST_CASE("nothing is changed where something is wrong") {
  auto result = read<user_serializer>(R"({"username": "", "password": "secret"})");
  CHECK(*result.find(3) == dcrf::value{"secret"});
}

TEST_CASE("a field may have validators, all of which are asked") {
  auto text_errors = [](const std::string& text, std::string_view action = {}) {
    return read<comment_serializer>(R"({"text": ")" + text + "\"}", action)
        .errors.to_json_text()
        .str();
  };
  CHECK(text_errors("hello") == "{}");
  CHECK(text_errors("spam") == R"({"text":["No spam here."]})");
  CHECK(text_errors("spam!") == R"({"text":["No spam here.","Too loud.","Calm down."]})");
  CHECK(text_errors("hello!", "shout") == "{}");
  CHECK(text_errors("nested") == R"({"text":{"street":["Unknown street."]}})");
  CHECK(text_errors(" ") == R"({"text":["This field may not be blank."]})");
}

TEST_CASE("a validator may return the value to take") {
  CHECK(*read<comment_serializer>(R"({"text": "a\tb"})").find(1) == dcrf::value{"ab"});
}

TEST_CASE("null passes no validator by") {
  // One that can't be asked about null has it refused.
  CHECK(read<sample_serializer>(R"({"label": "long"})").errors.to_json_text().str()
        == R"({"label":["Too long."]})");
  CHECK(read<sample_serializer>(R"({"label": null})").errors.to_json_text().str()
        == R"({"label":["This field may not be null."]})");
  CHECK(read<kept_serializer>(R"({"label": null})").errors.to_json_text().str()
        == R"({"label":["Must be kept."]})");
  CHECK(read<kept_serializer>(R"({"label": "long"})").errors.to_json_text().str()
        == R"({"label":["Too long."]})");
  CHECK_FALSE(read<kept_serializer>(R"({"label": "ok"})").has_errors());
  CHECK(*read<filled_serializer>(R"({"label": null})").find(*label_field) == dcrf::value{"none"});
}

TEST_CASE("keys of related rows are read, checked and changed") {
  auto data = read<room_serializer>(R"({"current_users": [3, "1", 2]})");
  dcrf::validated<room> input{data};
  CHECK(input.has<&room::current_users>());
  CHECK(input.get<&room::current_users>() == keys{3, 1, 2});
  input.set<&room::current_users>({5});
  CHECK(input.get<&room::current_users>() == keys{5});
  CHECK(data.related.size() == 1);
  // Sorted by the validator that returns them.
  CHECK(read<sorted_room_serializer>(R"({"current_users": [3, 1]})").related.front().keys
        == std::vector<dcrf::value>{std::int64_t{1}, std::int64_t{3}});
  CHECK(read<sorted_room_serializer>(R"({"current_users": [1, 2, 3]})").errors.to_json_text().str()
        == R"({"current_users":["Too many."]})");
  CHECK(read<few_rooms_serializer>(R"({"rooms": [1, 2, 3]})").errors.to_json_text().str()
        == R"({"rooms":["Too many."]})");
}

TEST_CASE("keys that were not given may be set, from either side") {
  auto data = read<room_serializer>("{}");
  dcrf::validated<room> input{data};
  CHECK_FALSE(input.has<&room::current_users>());
  CHECK_THROWS_AS(input.get<&room::current_users>(), std::out_of_range);
  input.set<&room::current_users>({7});
  REQUIRE(data.related.size() == 1);
  CHECK_FALSE(data.related.front().reverse);

  auto of_user = read<few_rooms_serializer>(R"({"rooms": [4]})");
  dcrf::validated<user> rooms{of_user};
  CHECK(rooms.get<&room::current_users>() == keys{4});
  rooms.set<&room::current_users>({4, 5});
  CHECK(of_user.related.front().keys.size() == 2);
  CHECK(of_user.related.front().reverse);
}

TEST_CASE("the input as a whole is checked when its fields are right") {
  CHECK(read<comment_serializer>(R"({"text": "forbidden"})").errors.to_json_text().str()
        == R"({"non_field_errors":["This comment is not allowed."]})");
  CHECK(read<comment_serializer>("{}").errors.to_json_text().str()
        == R"({"text":["Say something."]})");
  CHECK(
      read<comment_serializer>(R"({"text": "forbidden", "user": true})").errors.to_json_text().str()
      == R"({"user":["Incorrect type. Expected pk value, received bool."]})");
}

TEST_CASE("a serializer may demand more or less than the model") {
  auto errors = [](const dcrf::serializer_descriptor& serializer) {
    dcrf::json_reader reader;
    return dcrf::read_input(serializer, reader.read("{}"), {}, false).errors.to_json_text().str();
  };
  CHECK(errors(dcrf::serializer_of<sample_serializer>())
        == R"({"label":["This field is required."]})");
  CHECK(errors(dcrf::serializer_of<comment_serializer>())
        == R"({"text":["This field is required."]})");
}

TEST_CASE("a value that was not given can't be read") {
  dcrf::validated_input input{.model = &dcrf::model_of<user>()};
  dcrf::validated<user> data{input};
  CHECK_FALSE(data.has<&user::email>());
  CHECK_THROWS_AS(data.get<&user::email>(), std::out_of_range);
  data.set<&user::email>("a@example.com");
  data.set<&user::email>("b@example.com");
  CHECK(data.get<&user::email>() == "b@example.com");
  CHECK(input.changes.size() == 1);
}

} // namespace serializer_test::validating
