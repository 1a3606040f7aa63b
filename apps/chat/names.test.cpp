#include "chat/names.hpp"

#include <catch2/catch.hpp>

#include <string_view>

namespace names_tests {

using chat::fault_of_name;
using chat::fault_of_title;
using chat::key_of_name;

TEST_CASE("names that look alike have the same key", "[names]") {
  CHECK(key_of_name("Ada") == key_of_name("ADA"));
  CHECK(key_of_name("Straße") == key_of_name("STRASSE"));
  // Composed and decomposed, and full width.
  CHECK(key_of_name("Ren\u00e9e") == key_of_name("Rene\u0301e"));
  CHECK(key_of_name("\uff21\uff44\uff41") == key_of_name("Ada"));
  // Blanks of all kinds, and several of them.
  CHECK(key_of_name("Ada \u00a0 Byron") == key_of_name("Ada Byron"));
  // Cyrillic and Greek.
  CHECK(key_of_name("\u0430\u0441\u0435") == key_of_name("ace"));
  CHECK(key_of_name("\u0391\u039d\u039d\u0391") != key_of_name("Anne"));
  CHECK(key_of_name("\u03bf\u03bd\u03bf") == key_of_name("ovo"));
}

TEST_CASE("other names have other keys", "[names]") {
  CHECK(key_of_name("Ada") != key_of_name("Adam"));
  CHECK(key_of_name("Ren\u00e9") != key_of_name("Rene"));
  CHECK(key_of_name("user 1") != key_of_name("user 10"));
  CHECK(key_of_name("李雷") != key_of_name("韩梅梅"));
}

TEST_CASE("names are fit to be read", "[names]") {
  for (const auto* name : {"Ada", "user 10", "René", "Rene\u0301e", "ליאור 5", "Анна", "Ελένη",
                           "山田 Taro", "김철수", "<img src=x>", "😀"}) {
    CAPTURE(name);
    CHECK_FALSE(fault_of_name(name));
  }
}

TEST_CASE("what can't be seen is no part of a name", "[names]") {
  for (const auto* name : {
           "A\u200bda",     // a space without width
           "A\u00adda",     // a soft hyphen
           "Ada\u202egnp",  // turns the direction
           "Ada\u2066x",    // isolates
           "A\x1b[31m",     // a terminal's colours
           "A\nda",         // a line
           "A\u2028da",     // a line, in Unicode
           "\u3164",        // a filler of Hangul
           "\u2800",        // an empty pattern of Braille
           "Ada\ufe0f",     // selects a variant
           "Ada\U000e0041", // a tag
           "\ue000",        // private
           "\u0301Ada",     // a mark without its letter
       }) {
    CAPTURE(name);
    CHECK(fault_of_name(name));
    CHECK(fault_of_title(name).has_value() == (std::string_view{name} != "A\nda"));
  }
}

TEST_CASE("a name has letters of one script", "[names]") {
  CHECK(fault_of_name("\u0410da"));  // Cyrillic, Latin
  CHECK(fault_of_name("p\u03bfrt")); // Greek in Latin
  CHECK_FALSE(fault_of_name("\u0410\u043d\u043d\u0430 2"));
  CHECK_FALSE(fault_of_title("\u0410\u043d\u043d\u0430 & Ada"));
}

} // namespace names_tests
