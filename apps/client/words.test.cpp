#include "client/words.hpp"

#include <catch2/catch.hpp>

#include "client/errors.hpp"

namespace words_tests {

using client::split_words;
using words = std::vector<std::string>;

TEST_CASE("words end at blanks") {
  CHECK(split_words("") == words{});
  CHECK(split_words("  list  limit=5\t") == words{"list", "limit=5"});
}

TEST_CASE("quotes hold words together") {
  CHECK(split_words("create data.text='Buy milk'") == words{"create", "data.text=Buy milk"});
  CHECK(split_words(R"(a "b 'c'" '"d"' e\ f '\')") == words{"a", "b 'c'", "\"d\"", "e f", "\\"});
  CHECK(split_words("'' x") == words{"", "x"});
  CHECK(split_words(R"("say \"hi\"")") == words{"say \"hi\""});
}

TEST_CASE("a quote must end") {
  CHECK_THROWS_AS(split_words("create 'Buy milk"), client::usage_error);
  CHECK_THROWS_AS(split_words(R"(create "Buy\")"), client::usage_error);
}

} // namespace words_tests
