#pragma once

#include "dcrf/json/json_view.hpp"

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace dcrf {

/// Says why a text is no JSON document.
class json_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Parses JSON documents (RFC 8259) and keeps the memory for the next one. All of a document is
/// validated, UTF-8 included. A number beyond 64 bits is read as the nearest double.
///
/// A reader is used by one thread at a time.
class json_reader {
public:
  /// How deep arrays and objects may be nested by default: what Python reads, and little enough for
  /// whoever walks a tree recursively. Empty ones, the innermost, are not counted.
  static constexpr std::size_t default_depth = 1000;

  explicit json_reader(std::size_t depth = default_depth);
  json_reader(json_reader&&) noexcept;
  json_reader& operator=(json_reader&&) noexcept;
  ~json_reader();

  /// Parses `text`. Views of the document read before become invalid.
  /// @throws json_error
  json_view read(std::string_view text);

  /// Gives back the memory that a long document took, some 14 times its length. The next short one
  /// does so, too, but may never come.
  /// @returns whether there was any; views of the document read last are invalid then
  bool give_back();

private:
  struct parser;
  std::unique_ptr<parser> parser_;
};

} // namespace dcrf
