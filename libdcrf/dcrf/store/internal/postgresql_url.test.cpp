#include "dcrf/store/internal/postgresql_url.hpp"

#include "dcrf/store/command.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace dcrf {

namespace {

std::string failure_of(const std::string& url) {
  database_options options;
  options.url = url;
  try {
    return "opened by " + internal::postgresql::connect_string(options);
  } catch (const store_failure& error) {
    return error.what();
  }
}

} // namespace

TEST_CASE("a URL is shown without its passwords, wherever they are", "[store][url]") {
  auto url = GENERATE(
      "postgresql://ann:secret@host/name", "postgresql://ann:secret@[::1]:5432,b:1/name?a=b@c",
      "postgresql://ann:sec?ret&secret@host/name", "postgresql://host/name?password=secret",
      "postgresql://host?user=ann&password=x&password=secret&sslmode=require",
      "postgresql://host/name?sslpassword=x&password=secret",
      "postgresql://host/name?pass%77ord=secret", "postgresql://a@b/password=?password=secret",
      "postgresql://ann:x/secret@host/name", "postgresql:///?password=secret");
  CHECK_THAT(without_password(url), !Catch::Contains("secret"));
}

TEST_CASE("nothing but passwords is left out of a URL that is shown", "[store][url]") {
  CHECK(without_password("postgresql://ann:x@a:1,b/name?password=x&user=ann")
        == "postgresql://ann@a:1,b/name?password=&user=ann");
  auto url = GENERATE("postgresql://ann@host:5432/name?sslmode=require",
                      "postgresql://host:5432/name?user=a@b", "sqlite://chat.db",
                      "sqlite://:memory:", "postgresql://h/?application_name&x");
  CHECK(without_password(url) == url);
}

TEST_CASE("what is wrong with a URL is told without its password", "[store][url]") {
  CHECK_THAT(failure_of("postgresql://ann:100%secret@host/name"),
             Catch::Contains("percent-encoded") && !Catch::Contains("secret"));
  CHECK_THAT(failure_of("postgresql://ann:secret@host:5432/name?nonsense=1"),
             Catch::Contains("nonsense") && !Catch::Contains("secret"));
  using namespace std::string_literals;
  auto with_nul =
      GENERATE("postgresql://ann:secret@host/na\0me"s, "postgresql://ann:secret\0x@host/name"s,
               "postgresql://host/name?password=secret\0"s);
  CHECK_THAT(failure_of(with_nul), Catch::Contains("NUL") && !Catch::Contains("secret"));
}

} // namespace dcrf
