#include "dcrf/serializer/validated.hpp"

#include "dcrf/json/json_reader.hpp"
#include "dcrf/serializer/internal/test_models.hpp"
#include "dcrf/serializer/serializer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>

namespace serializer_test {

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
    return read<comment_serializer>(R"({"text": ")" + text + "\"}", action).errors.str();
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

TEST_CASE("validators of a field are not asked about null") {
  CHECK_FALSE(read<sample_serializer>(R"({"label": null})").has_errors());
  CHECK(read<sample_serializer>(R"({"label": "long"})").errors.str()
        == R"({"label":["Too long."]})");
}

TEST_CASE("the input as a whole is checked when its fields are right") {
  CHECK(read<comment_serializer>(R"({"text": "forbidden"})").errors.str()
        == R"({"non_field_errors":["This comment is not allowed."]})");
  CHECK(read<comment_serializer>("{}").errors.str() == R"({"text":["Say something."]})");
  CHECK(read<comment_serializer>(R"({"text": "forbidden", "user": true})").errors.str()
        == R"({"user":["Incorrect type. Expected pk value, received bool."]})");
}

TEST_CASE("a serializer may demand more or less than the model") {
  auto errors = [](const dcrf::serializer_descriptor& serializer) {
    dcrf::json_reader reader;
    return dcrf::read_input(serializer, reader.read("{}"), {}, false).errors.str();
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

} // namespace serializer_test
