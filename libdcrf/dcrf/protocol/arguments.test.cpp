#include "dcrf/protocol/arguments.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using dcrf::json;

namespace consumer_test::arguments {

struct everything {
  bool flag{};
  std::int64_t big{};
  std::int32_t small{};
  double real{};
  std::string text;
  dcrf::json_text raw;
  json tree;
  dcrf::key pk;
  dcrf::uuid uid;
  dcrf::timestamp at;
  dcrf::date day;
  std::vector<std::int64_t> numbers;
  BOOST_DESCRIBE_CLASS(everything, (),
                       (flag, big, small, real, text, raw, tree, pk, uid, at, day, numbers), (), ())
};

struct optionals {
  std::optional<std::int64_t> number;
  std::optional<std::string> text;
  std::optional<std::vector<std::string>> names;
  BOOST_DESCRIBE_CLASS(optionals, (), (number, text, names), (), ())
};

enum class color { red, green };
BOOST_DESCRIBE_ENUM(color, red, green)

struct choices {
  std::optional<color> hue;
  std::optional<bool> flag;
  BOOST_DESCRIBE_CLASS(choices, (), (hue, flag), (), ())
};

struct place {
  std::string street;
  std::optional<std::int32_t> number;
  BOOST_DESCRIBE_CLASS(place, (), (street, number), (), ())
};

struct journey {
  place from;
  std::optional<place> to;
  std::vector<place> stops;
  BOOST_DESCRIBE_CLASS(journey, (), (from, to, stops), (), ())
};

struct request_maker {
  dcrf::scope scope;
  dcrf::frame_reader reader;

  template <class T>
  T read(const std::string& frame) {
    dcrf::request x{scope, reader};
    x.parse(frame);
    return dcrf::read_arguments<T>(x);
  }

  template <class T>
  std::string error_of(const std::string& frame) {
    try {
      read<T>(frame);
    } catch (const dcrf::validation_error& error) {
      return error.errors().str();
    }
    return "none";
  }
};

// What is wrong with one argument of `everything`, if the others are missing.
std::string error_in(const std::string& name, const std::string& given) {
  request_maker make;
  auto errors = json::parse(make.error_of<everything>("{\"" + name + "\": " + given + "}"));
  return errors[0].value(name, json::array({"none"}))[0];
}

TEST_CASE("arguments of every type are read", "[arguments]") {
  request_maker make;
  auto x = make.read<everything>(R"({"flag": true, "big": -9223372036854775808,
    "small": -2147483648, "real": 1.5, "text": "t\u00e4xt", "raw": {"b": [1.0], "a": 1},
    "tree": [null], "pk": "seven", "uid": "12345678123456781234567812345678",
    "at": "2024-01-02T03:04:05Z", "day": "2024-02-29", "numbers": [1, 2], "unknown": 1})");
  CHECK(x.flag);
  CHECK(x.big == std::numeric_limits<std::int64_t>::min());
  CHECK(x.small == std::numeric_limits<std::int32_t>::min());
  CHECK(x.real == 1.5);
  CHECK(x.text == "t\xc3\xa4xt");
  CHECK(x.raw.str() == R"({"b":[1.0],"a":1})");
  CHECK(x.tree == json::array({nullptr}));
  CHECK(x.pk == dcrf::key{"seven"});
  CHECK(x.uid.to_string() == "12345678-1234-5678-1234-567812345678");
  CHECK(x.at == *dcrf::timestamp::parse("2024-01-02T03:04:05Z"));
  CHECK(x.day == *dcrf::date::parse("2024-02-29"));
  CHECK(x.numbers == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("a number is a real, too, and a key", "[arguments]") {
  using dcrf::argument_traits;
  dcrf::json_reader reader;
  CHECK(argument_traits<double>::read(reader.read("3")) == 3.0);
  CHECK(argument_traits<double>::read(reader.read("18446744073709551615"))
        == 18446744073709551615.0);
  CHECK(argument_traits<dcrf::key>::read(reader.read("7")) == dcrf::key{7});
}

TEST_CASE("an argument of the wrong type is named", "[arguments]") {
  for (const auto* given : {"1.5", "true", "\"x\"", "\"\"", "[]", "{}"}) {
    CAPTURE(given);
    CHECK(error_in("big", given) == "A valid integer is required.");
  }
  const std::string too_large = "Ensure this value is less than or equal to 9223372036854775807.";
  CHECK(error_in("big", "1e19") == too_large);
  CHECK(error_in("big", "9223372036854775808") == too_large);
  CHECK(error_in("big", "null") == "This field may not be null.");
  CHECK(error_in("small", "2147483648")
        == "Ensure this value is less than or equal to 2147483647.");
  CHECK(error_in("small", "-2147483649")
        == "Ensure this value is greater than or equal to -2147483648.");
  CHECK(error_in("small", "2147483647") == "none");
  CHECK(error_in("flag", "2") == "Must be a valid boolean.");
  CHECK(error_in("flag", "\"maybe\"") == "Must be a valid boolean.");
  CHECK(error_in("real", "\"1.5x\"") == "A valid number is required.");
  CHECK(error_in("text", "true") == "Not a valid string.");
  CHECK(error_in("text", "null") == "This field may not be null.");
  CHECK(error_in("pk", "[1]") == "Not a valid key.");
  CHECK(error_in("uid", "\"nonsense\"") == "Must be a valid UUID.");
  CHECK(error_in("at", "5") != "none");
  CHECK(error_in("day", "\"2023-02-29\"") != "none");
  CHECK(error_in("numbers", "5") == "Expected a list of items.");
  CHECK(error_in("numbers", "[1, \"x\"]") == "Expected a list of items.");
  CHECK(error_in("numbers", "[]") == "none");
}

TEST_CASE("arguments take what fields of a serializer take", "[arguments]") {
  request_maker make;
  auto x = make.read<everything>(R"({"flag": "true", "big": "12", "small": 3.0, "real": "1.5",
    "text": 1.50, "raw": 1, "tree": 1, "pk": 7.0, "uid": "12345678-1234-5678-1234-567812345678",
    "at": "2024-01-02 03:04", "day": "2024-2-9", "numbers": ["1", 2]})");
  CHECK(x.flag);
  CHECK(x.big == 12);
  CHECK(x.small == 3);
  CHECK(x.real == 1.5);
  CHECK(x.text == "1.5");
  CHECK(x.pk == dcrf::key{7});
  CHECK(x.numbers == std::vector<std::int64_t>{1, 2});
  for (const auto* given : {"0", "\"0\"", "\"off\"", "false", "0.0"}) {
    CAPTURE(given);
    CHECK(error_in("flag", given) == "none");
  }
  // Texts are taken as they are.
  CHECK(make.read<optionals>(R"({"text": " a "})").text == " a ");
}

TEST_CASE("an optional boolean takes the texts that stand for null", "[arguments]") {
  request_maker make;
  CHECK_FALSE(make.read<choices>(R"({"flag": "null"})").flag);
  CHECK(make.read<choices>(R"({"flag": "1"})").flag == true);
}

TEST_CASE("a choice is one of the names", "[arguments]") {
  request_maker make;
  CHECK(make.read<choices>(R"({"hue": "red"})").hue == color::red);
  CHECK(make.error_of<choices>(R"({"hue": "pink"})")
        == R"([{"hue":["\"pink\" is not a valid choice."]}])");
}

TEST_CASE("all arguments that are wrong are named together, in their order", "[arguments]") {
  request_maker make;
  auto text = make.error_of<everything>(
      R"({"big": 1, "real": 1, "raw": null, "tree": null, "pk": 1, "at": "2024-01-02T03:04Z",
          "day": "2024-01-02", "numbers": [], "text": [], "small": "x"})");
  CHECK(text
        == R"([{"flag":["This field is required."],"small":["A valid integer is required."],)"
           R"("text":["Not a valid string."],"uid":["This field is required."]}])");
}

TEST_CASE("optional arguments may be missing or null, but not wrong", "[arguments]") {
  request_maker make;
  auto missing = make.read<optionals>("{}");
  CHECK_FALSE(missing.number);
  CHECK_FALSE(missing.text);
  auto null = make.read<optionals>(R"({"number": null, "names": null})");
  CHECK_FALSE(null.number);
  CHECK_FALSE(null.names);
  auto given = make.read<optionals>(R"({"number": 0, "text": "", "names": ["a"]})");
  CHECK(given.number == 0);
  CHECK(given.text == "");
  CHECK(given.names == std::vector<std::string>{"a"});
  CHECK(make.error_of<optionals>(R"({"number": "zero"})")
        == R"([{"number":["A valid integer is required."]}])");
}

TEST_CASE("a described struct is an object, wherever it stands", "[arguments]") {
  request_maker make;
  auto x =
      make.read<journey>(R"({"from": {"street": "Elm", "number": "7", "unknown": 1}, "to": null,
    "stops": [{"street": "Oak"}, {"street": "Ash", "number": 2}]})");
  CHECK(x.from.street == "Elm");
  CHECK(x.from.number == 7);
  CHECK_FALSE(x.to);
  REQUIRE(x.stops.size() == 2);
  CHECK(x.stops[0].street == "Oak");
  CHECK(x.stops[1].number == 2);
  CHECK(make.read<journey>(R"({"from": {"street": ""}, "to": {"street": "Fir"}, "stops": []})")
            .to->street
        == "Fir");
}

TEST_CASE("what is wrong within a struct is named there", "[arguments]") {
  request_maker make;
  CHECK(make.error_of<journey>(R"({"from": {"number": "x"}, "stops": [{"street": "a"}, {}, 5]})")
        == R"([{"from":{"street":["This field is required."],)"
           R"("number":["A valid integer is required."]},)"
           R"("stops":[{},{"street":["This field is required."]},)"
           R"({"non_field_errors":["Invalid data. Expected a dictionary, but got int."]}]}])");
  CHECK(
      make.error_of<journey>(R"({"from": null, "to": "there", "stops": {}})")
      == R"([{"from":{"non_field_errors":["Invalid data. Expected a dictionary, but got )"
         R"(NoneType."]},"to":{"non_field_errors":["Invalid data. Expected a dictionary, but got )"
         R"(str."]},"stops":["Expected a list of items."]}])");
}

TEST_CASE("structs are arguments with names, too", "[arguments]") {
  request_maker make;
  dcrf::request x{make.scope, make.reader};
  x.parse(R"({"first": {"street": "Elm"}, "all": [{"street": "Oak"}], "pk": 3})");
  using wanted = std::tuple<place, std::vector<place>, std::int64_t>;
  auto [first, all, pk] = dcrf::read_named_arguments<wanted>(x, {"first", "all", "pk"});
  CHECK(first.street == "Elm");
  REQUIRE(all.size() == 1);
  CHECK(all[0].street == "Oak");
  CHECK(pk == 3);
}

} // namespace consumer_test::arguments
