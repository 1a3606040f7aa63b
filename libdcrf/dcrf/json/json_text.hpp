#pragma once

#include "dcrf/fwd.hpp"
#include "dcrf/json/json.hpp"

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace dcrf {

/// A JSON document as text that is known to be valid. Serializers make it, replies carry it; no
/// tree is built in between.
class json_text {
public:
  /// `null`.
  json_text() : text_("null") {}

  /// The text of a tree.
  json_text(const json& tree); // NOLINT: a tree is as good as its text

  // What a task yields, when it is awaited.
  template <class T>
  json_text(const task<T>&) { // NOLINT: it is refused
    static_assert(!std::is_same_v<T, T>,
                  "dcrf: a task yields its result when it is awaited: write co_await before it");
  }

  /// Checks `text`.
  /// @throws json_error if it is not one valid JSON document, or nested too deep.
  static json_text parse(std::string_view text);

  /// Takes `text` without a check: for text that was written by a json_writer or read from where
  /// only valid text was put.
  static json_text trusted(std::string text) {
    json_text result{nothing{}};
    result.text_ = std::move(text);
    return result;
  }

  [[nodiscard]] const std::string& str() const& noexcept { return text_; }
  [[nodiscard]] std::string str() && noexcept { return std::move(text_); }

  [[nodiscard]] bool is_null() const noexcept { return text_ == "null"; }

  /// The document as a tree.
  [[nodiscard]] json to_json() const;

  friend bool operator==(const json_text&, const json_text&) = default;

private:
  struct nothing {};
  explicit json_text(nothing) {}

  std::string text_;
};

} // namespace dcrf
