#include "dcrf/model/model.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace model_test {

enum class shade { light, dark };
BOOST_DESCRIBE_ENUM(shade, light, dark)

struct paint_maker {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(paint_maker, (), (name))

struct colour {
  dcrf::uuid id;
  std::string name = "grey";
  std::string code;
  std::string contact;
  std::int32_t red = 7;
  std::optional<std::int32_t> green;
  std::optional<dcrf::decimal> price;
  model_test::shade shade = shade::dark;
  std::optional<model_test::shade> other;
  std::string finish;
  std::optional<std::string> maker;
  dcrf::json extra;
  std::optional<dcrf::json> more;
  double weight = 0.5;
  bool active = true;
  dcrf::timestamp made;
  dcrf::timestamp saved;
  dcrf::date day;
  dcrf::many_to_many<colour> mixes;
  dcrf::many_to_many<paint_maker> sellers;
};
BOOST_DESCRIBE_STRUCT(colour, (),
                      (id, name, code, contact, red, green, price, shade, other, finish, maker,
                       extra, more, weight, active, made, saved, day, mixes, sellers))

} // namespace model_test

template <>
struct dcrf::model<model_test::paint_maker> {
  static constexpr auto table = "paint_maker";
  using primary_key = dcrf::primary_key<&model_test::paint_maker::name>;
};

template <>
struct dcrf::model<model_test::colour> {
  using colour = model_test::colour;
  static constexpr auto table = "colours";
  using primary_key = dcrf::primary_key<&colour::id>;
  using fields = dcrf::fields<
      dcrf::text_field<&colour::name, dcrf::max_length<30>, dcrf::unique, dcrf::defaulted>,
      dcrf::text_field<&colour::code, dcrf::blank, dcrf::column_name<"colour_code">, dcrf::indexed>,
      dcrf::email_field<&colour::contact, dcrf::max_length<254>>,
      dcrf::field<&colour::green, dcrf::value_range<0, 255>>,
      dcrf::field<&colour::price, dcrf::digits<8, 2>>,
      dcrf::field<&colour::finish, dcrf::choices<"matt", "glossy">>,
      dcrf::foreign_key<&colour::maker, model_test::paint_maker, dcrf::on_delete::set_null>,
      dcrf::auto_now_add<&colour::made>, dcrf::auto_now<&colour::saved>,
      dcrf::auto_now_add<&colour::day>,
      dcrf::relation<&colour::mixes, dcrf::related_name<"mixed_into">, dcrf::blank>>;
};

namespace model_test {

namespace {

const dcrf::field_descriptor& field_of(std::string_view name) {
  const auto& model = dcrf::model_of<colour>();
  return model.fields[model.find_field(name).value()];
}

} // namespace

TEST_CASE("a model is described from its struct") {
  const auto& model = dcrf::model_of<colour>();
  CHECK(model.name == "colour");
  CHECK(model.table == "colours");
  CHECK(model.fields.size() == 18);
  CHECK(model.primary_key == 0);
  CHECK(model.key_field().name == "id");
  CHECK(model.key_field().is_primary_key);
  CHECK_FALSE(field_of("name").is_primary_key);
  CHECK_FALSE(model.find_field("mixes"));
  CHECK_FALSE(model.find_field("nothing"));
  CHECK(&model == &dcrf::model_of<colour>());
  CHECK_FALSE(model == dcrf::model_of<paint_maker>());
}

TEST_CASE("two words of a struct's name are two words of the model's") {
  CHECK(dcrf::model_of<paint_maker>().name == "paint maker");
}

TEST_CASE("types are known from the members") {
  CHECK(field_of("id").type == dcrf::field_type::uuid);
  CHECK(field_of("name").type == dcrf::field_type::text);
  CHECK(field_of("red").type == dcrf::field_type::integer);
  CHECK(field_of("price").type == dcrf::field_type::decimal);
  CHECK(field_of("shade").type == dcrf::field_type::choice);
  CHECK(field_of("extra").type == dcrf::field_type::json);
  CHECK(field_of("weight").type == dcrf::field_type::real);
  CHECK(field_of("active").type == dcrf::field_type::boolean);
  CHECK(field_of("made").type == dcrf::field_type::timestamp);
  CHECK(field_of("day").type == dcrf::field_type::date);
}

TEST_CASE("only optional members may be null") {
  for (const auto* name : {"green", "price", "other", "maker", "more"}) {
    CHECK(field_of(name).is_nullable);
  }
  for (const auto* name : {"id", "name", "red", "shade", "extra"}) {
    CHECK_FALSE(field_of(name).is_nullable);
  }
}

TEST_CASE("options are kept") {
  CHECK(field_of("name").max_length == 30);
  CHECK(field_of("name").is_unique);
  CHECK(field_of("name").has_default);
  CHECK_FALSE(field_of("name").is_email);
  CHECK(field_of("name").column == "name");
  CHECK(field_of("code").allows_blank);
  CHECK(field_of("code").column == "colour_code");
  CHECK(field_of("code").is_indexed);
  CHECK_FALSE(field_of("code").is_unique);
  CHECK_FALSE(field_of("code").max_length);
  CHECK(field_of("contact").is_email);
  CHECK(field_of("contact").max_length == 254);
  CHECK(field_of("green").minimum == 0);
  CHECK(field_of("green").maximum == 255);
  CHECK(field_of("price").digits == 8);
  CHECK(field_of("price").places == 2);
  CHECK(field_of("made").automatic == dcrf::auto_time::on_create);
  CHECK(field_of("saved").automatic == dcrf::auto_time::on_save);
  CHECK(field_of("active").automatic == dcrf::auto_time::never);
}

TEST_CASE("an integer of 32 bits has their range") {
  CHECK(field_of("red").minimum == std::numeric_limits<std::int32_t>::min());
  CHECK(field_of("red").maximum == std::numeric_limits<std::int32_t>::max());
}

TEST_CASE("choices are an enumeration's or given as texts") {
  REQUIRE(field_of("shade").choices.size() == 2);
  CHECK(field_of("shade").choices[0] == "light");
  CHECK(field_of("shade").choices[1] == "dark");
  CHECK(field_of("other").choices.size() == 2);
  CHECK(field_of("finish").type == dcrf::field_type::choice);
  REQUIRE(field_of("finish").choices.size() == 2);
  CHECK(field_of("finish").choices[1] == "glossy");
  CHECK(field_of("name").choices.empty());
}

TEST_CASE("a foreign key knows its target") {
  CHECK(field_of("maker").is_foreign_key());
  CHECK(field_of("maker").target() == dcrf::model_of<paint_maker>());
  CHECK(field_of("maker").action == dcrf::on_delete::set_null);
  CHECK_FALSE(field_of("name").is_foreign_key());
}

TEST_CASE("relations are no fields") {
  const auto& model = dcrf::model_of<colour>();
  REQUIRE(model.relations.size() == 2);
  const auto* mixes = model.find_relation("mixes");
  REQUIRE(mixes != nullptr);
  CHECK(mixes->related_name == "mixed_into");
  CHECK(mixes->source() == model);
  CHECK(mixes->target() == model);
  CHECK(mixes->table() == "colours_mixes");
  CHECK(mixes->allows_blank);
  const auto* sellers = model.find_relation("sellers");
  REQUIRE(sellers != nullptr);
  CHECK(sellers->target() == dcrf::model_of<paint_maker>());
  CHECK(sellers->related_name.empty());
  CHECK_FALSE(sellers->allows_blank);
  CHECK(model.find_relation("name") == nullptr);
}

TEST_CASE("a default is what the struct initializes its member with") {
  CHECK(field_of("name").initial() == dcrf::value{std::string{"grey"}});
  CHECK(field_of("red").initial() == dcrf::value{std::int64_t{7}});
  CHECK(field_of("shade").initial() == dcrf::value{std::string{"dark"}});
  CHECK(is_null(field_of("green").initial()));
}

TEST_CASE("a row becomes a record and back") {
  colour x;
  x.id = dcrf::uuid::random();
  x.red = -3;
  x.green = 255;
  x.price = dcrf::decimal{150, 2};
  x.shade = shade::light;
  x.maker = "acme";
  x.extra = {{"a", 1}};
  x.made = *dcrf::timestamp::parse("2024-01-02T03:04:05Z");
  auto values = dcrf::to_record(x);
  REQUIRE(values.size() == 18);
  CHECK(dcrf::model_of<colour>().key_of(values) == dcrf::value{x.id});
  CHECK(values[4] == dcrf::value{std::int64_t{-3}});
  CHECK(values[7] == dcrf::value{std::string{"light"}});
  CHECK(is_null(values[8]));

  auto y = dcrf::from_record<colour>(values);
  CHECK(y.id == x.id);
  CHECK(y.red == -3);
  CHECK(y.green == 255);
  CHECK(y.price == x.price);
  CHECK(y.shade == shade::light);
  CHECK_FALSE(y.other);
  CHECK(y.maker == "acme");
  CHECK(y.extra == x.extra);
  CHECK_FALSE(y.more);
  CHECK(y.made == x.made);
}

TEST_CASE("a member that can't hold what is in the database stays as it is initialized") {
  auto values = dcrf::to_record(colour{});
  auto with = [&](std::string_view name, dcrf::value x) {
    auto result = values;
    result[dcrf::model_of<colour>().find_field(name).value()] = std::move(x);
    return result;
  };
  CHECK_NOTHROW(dcrf::from_record<colour>(values));
  CHECK(dcrf::from_record<colour>(with("red", std::int64_t{1} << 40)).red == colour{}.red);
  CHECK(dcrf::from_record<colour>(with("shade", std::string{"pink"})).shade == colour{}.shade);
  CHECK(dcrf::from_record<colour>(with("name", {})).name == colour{}.name);
  // This is a fault of the program.
  CHECK_THROWS_AS(dcrf::from_record<colour>(with("red", std::string{"1"})),
                  std::bad_variant_access);
}

TEST_CASE("members have names") {
  CHECK(dcrf::name_of<&colour::shade>() == "shade");
  CHECK(dcrf::name_of<&colour::mixes>() == "mixes");
}

TEST_CASE("keys convert to their own type only") {
  dcrf::key number{5};
  CHECK(static_cast<std::int64_t>(number) == 5);
  CHECK_THROWS_AS(static_cast<std::string>(number), std::bad_variant_access);
  CHECK(dcrf::key{}.is_null());
  CHECK(dcrf::key{"lamp"} == dcrf::key{std::string{"lamp"}});
  CHECK_FALSE(number == dcrf::key{"5"});
}

} // namespace model_test
