#include "chat/names.hpp"

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <set>
#include <utility>

namespace chat {

namespace {

using utf32 = std::u32string;

struct free_memory {
  void operator()(std::uint32_t* x) const noexcept { std::free(x); } // NOLINT: of libunistring
};

// What a function of libunistring has made.
utf32 taken(std::uint32_t* made, std::size_t size) {
  std::unique_ptr<std::uint32_t, free_memory> owner{made};
  if (!owner) {
    throw std::bad_alloc{};
  }
  return {made, made + size};
}

const std::uint32_t* data_of(const utf32& text) {
  return reinterpret_cast<const std::uint32_t*>(text.data());
}

utf32 decoded(std::string_view text) {
  std::size_t size = 0;
  auto* made =
      u8_to_u32(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), nullptr, &size);
  return taken(made, size);
}

std::string encoded(const utf32& text) {
  std::string result;
  std::array<std::uint8_t, 6> bytes{};
  for (auto sign : text) {
    auto size = u8_uctomb(bytes.data(), sign, bytes.size());
    result.append(bytes.begin(), bytes.begin() + std::max(size, 0));
  }
  return result;
}

// Without regard to case and to compatible ways of writing, as NFKC_Casefold.
utf32 folded(const utf32& text) {
  std::size_t size = 0;
  auto* made = u32_normalize(UNINORM_NFKC, data_of(text), text.size(), nullptr, &size);
  auto normal = taken(made, size);
  made = u32_casefold(data_of(normal), normal.size(), nullptr, UNINORM_NFKC, nullptr, &size);
  return taken(made, size);
}

bool is_blank(char32_t sign) { return uc_is_general_category_withtable(sign, UC_CATEGORY_MASK_Zs); }

// Controls, formats (which turn the direction, or join), surrogates, private and unassigned signs,
// ends of lines, and what is shown as nothing.
bool is_invisible(char32_t sign) {
  constexpr std::uint32_t unseen = UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp;
  constexpr char32_t empty_braille = 0x2800;
  return uc_is_general_category_withtable(sign, unseen) || sign == empty_braille
         || uc_is_property_default_ignorable_code_point(sign);
}

bool is_mark(char32_t sign) { return uc_is_general_category_withtable(sign, UC_CATEGORY_MASK_M); }

// The scripts of the letters. Those that are written together in one language count as one.
std::set<std::string_view> scripts_of(const utf32& text) {
  constexpr std::array<std::string_view, 5> of_east_asia{"Han", "Hiragana", "Katakana", "Hangul",
                                                         "Bopomofo"};
  std::set<std::string_view> result;
  for (auto sign : text) {
    const auto* script = uc_script(sign);
    std::string_view name = script == nullptr ? "" : script->name;
    if (name.empty() || name == "Common" || name == "Inherited") {
      continue;
    }
    bool is_east_asian = std::ranges::find(of_east_asia, name) != of_east_asia.end();
    result.insert(is_east_asian ? "Han" : name);
  }
  return result;
}

bool mixes_scripts(const utf32& text) {
  auto scripts = scripts_of(text);
  // Latin letters are usual in names of East Asia, and none of the signs there looks like one.
  if (scripts.contains("Han")) {
    scripts.erase("Latin");
  }
  return scripts.size() > 1;
}

std::optional<std::string> fault_of(const utf32& text) {
  if (std::ranges::any_of(text, is_invisible)) {
    return "Use only signs that can be seen.";
  }
  if (!text.empty() && is_mark(text.front())) {
    return "Begin with a letter, a digit or another sign of its own.";
  }
  return std::nullopt;
}

// Small letters that look like Latin ones: of Unicode's confusables those of Cyrillic and Greek,
// which are the scripts that whole Latin words can be imitated with.
char32_t without_disguise(char32_t sign) {
  static constexpr std::u32string_view disguised = U"аеорсухѕіјһԁԛԝӏкмтвнгοναιρυκτωχ";
  static constexpr std::u32string_view plain = U"aeopcyxsijhdqwlkmtbhrovaipuktwx";
  static_assert(disguised.size() == plain.size());
  auto found = disguised.find(sign);
  return found == std::u32string_view::npos ? sign : plain[found];
}

} // namespace

std::optional<std::string> fault_of_title(std::string_view title) {
  auto text = decoded(title);
  std::erase_if(text,
                [](char32_t sign) { return sign == U'\t' || sign == U'\n' || sign == U'\r'; });
  return fault_of(text);
}

std::optional<std::string> fault_of_name(std::string_view name) {
  auto text = decoded(name);
  if (auto fault = fault_of(text)) {
    return fault;
  }
  if (mixes_scripts(text)) {
    return "Use letters of one script only: some look alike in several.";
  }
  return std::nullopt;
}

std::string key_of_name(std::string_view name) {
  utf32 result;
  for (auto sign : folded(decoded(name))) {
    if (!is_blank(sign)) {
      result += without_disguise(sign);
    } else if (!result.empty() && result.back() != U' ') {
      result += U' ';
    }
  }
  if (result.ends_with(U' ')) {
    result.pop_back();
  }
  return encoded(result);
}

} // namespace chat
