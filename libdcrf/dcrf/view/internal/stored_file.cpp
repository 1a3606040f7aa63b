#include "dcrf/view/internal/stored_file.hpp"

#include "dcrf/view/internal/gzip.hpp"
#include "dcrf/view/internal/trimmed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace dcrf::internal {

namespace {

// Whether `is_it` holds for an element of a list with commas.
template <class Predicate>
bool any_of_list(std::string_view list, Predicate is_it) {
  while (!list.empty()) {
    auto comma = std::min(list.find(','), list.size());
    if (is_it(trimmed(list.substr(0, comma)))) {
      return true;
    }
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

// RFC 9110, section 12.5.3; a weight is of interest only if it is none.
bool accepts_gzip(const scope& request) {
  return any_of_list(request.header("accept-encoding").value_or(""), [](std::string_view coding) {
    auto semicolon = std::min(coding.find(';'), coding.size());
    auto weight = trimmed(coding.substr(std::min(semicolon + 1, coding.size())));
    bool is_refused = weight.starts_with("q=0") && weight.find_first_not_of("0.", 2) == weight.npos;
    return trimmed(coding.substr(0, semicolon)) == "gzip" && !is_refused;
  });
}

// RFC 9110, section 13.1.2: weak comparison.
bool has_already(const scope& request, const std::string& etag) {
  return any_of_list(request.header("if-none-match").value_or(""), [&](std::string_view known) {
    return known == "*" || known == etag || (known.starts_with("W/") && known.substr(2) == etag);
  });
}

// The same on all nodes, and after a restart; another after a change.
std::string tag_of(std::string_view body) {
  std::uint64_t hash = 0xcbf29ce484222325; // FNV-1a
  for (unsigned char byte : body) {
    hash = (hash ^ byte) * 0x100000001b3;
  }
  return fmt::format("{:016x}", hash);
}

bool is_compressible(std::string_view media_type) {
  return media_type.starts_with("text/") || media_type.find("json") != media_type.npos
         || media_type.find("xml") != media_type.npos
         || media_type.find("javascript") != media_type.npos || media_type == "application/wasm";
}

struct byte_range {
  std::size_t first;
  std::size_t last;
};

std::optional<std::size_t> number_of(std::string_view text) {
  std::size_t result = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  bool is_number = error == std::errc{} && end == text.data() + text.size();
  return is_number ? std::optional{result} : std::nullopt;
}

// The range that is asked for, as RFC 9110, section 14.1.2 has it: `0-99`, `100-`, `-50`. Nothing
// if that is no range, or several: those may be ignored. One that begins behind the end is not cut.
std::optional<byte_range> range_of(std::string_view header, std::size_t size) {
  constexpr std::string_view unit = "bytes=";
  if (!header.starts_with(unit)) {
    return std::nullopt;
  }
  auto text = trimmed(header.substr(unit.size()));
  auto dash = text.find('-');
  if (dash == text.npos) {
    return std::nullopt;
  }
  auto first = number_of(text.substr(0, dash));
  auto last = number_of(text.substr(dash + 1));
  if (dash == 0 && last) {
    return *last == 0 ? byte_range{size, size} : byte_range{size - std::min(*last, size), size - 1};
  }
  if (!first || (!last && dash + 1 < text.size()) || (last && *last < *first)) {
    return std::nullopt;
  }
  return byte_range{*first, std::min(last.value_or(size), size - 1)};
}

} // namespace

stored_file::stored_file(std::string_view media_type, std::string body)
    : media_type_(media_type), plain_{std::move(body), {}} {
  auto tag = tag_of(plain_.body);
  plain_.etag = fmt::format("\"{}\"", tag);
  if (is_compressible(media_type)) {
    auto smaller = gzip(plain_.body);
    if (smaller.size() < plain_.body.size()) {
      compressed_ = {std::move(smaller), fmt::format("\"{}-gzip\"", tag)};
    }
  }
}

http_response stored_file::answer(const scope& request, const scope::pairs& headers) const {
  auto range = request.header("range");
  bool is_compressed = !compressed_.body.empty() && !range && accepts_gzip(request);
  const auto& chosen = is_compressed ? compressed_ : plain_;
  http_response result;
  result.headers = headers;
  result.headers.emplace_back("ETag", chosen.etag);
  if (!compressed_.body.empty()) {
    result.headers.emplace_back("Vary", "Accept-Encoding");
  }
  if (has_already(request, chosen.etag)) {
    result.status = 304;
    return result;
  }
  result.headers.emplace_back("Content-Type", media_type_);
  result.headers.emplace_back("Accept-Ranges", "bytes");
  if (is_compressed) {
    result.headers.emplace_back("Content-Encoding", "gzip");
  }
  // A part of what the file was before is of no use.
  if (range && request.header("if-range").value_or(plain_.etag) == plain_.etag) {
    return part_of(*range, std::move(result));
  }
  result.body = chosen.body;
  return result;
}

http_response stored_file::part_of(std::string_view range, http_response whole) const {
  auto size = plain_.body.size();
  auto asked = range_of(range, size);
  if (!asked) {
    whole.body = plain_.body;
  } else if (asked->first >= size) {
    whole.status = 416;
    whole.headers.emplace_back("Content-Range", fmt::format("bytes */{}", size));
  } else {
    whole.status = 206;
    whole.headers.emplace_back("Content-Range",
                               fmt::format("bytes {}-{}/{}", asked->first, asked->last, size));
    whole.body = plain_.body.substr(asked->first, asked->last - asked->first + 1);
  }
  return whole;
}

} // namespace dcrf::internal
