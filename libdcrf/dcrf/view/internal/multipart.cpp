#include "dcrf/view/internal/multipart.hpp"

#include "dcrf/protocol/errors.hpp"
#include "dcrf/view/form.hpp"
#include "dcrf/view/internal/trimmed.hpp"

#include <algorithm>
#include <charconv>

namespace dcrf::internal {

namespace {

constexpr std::string_view line_end = "\r\n";

[[noreturn]] void fail(const std::string& reason) {
  throw parse_error("Multipart form parse error - " + reason);
}

char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower_case(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(), [](char c) { return lower_case(c); });
  return result;
}

// What a quoted text says, and what follows it. Browsers escape no backslash, so one is none unless
// it stands before a quote.
std::string unquoted(std::string_view& text) {
  std::string result;
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.starts_with("\\\"")) {
      text.remove_prefix(1);
    }
    result += text.front();
    text.remove_prefix(1);
  }
  text.remove_prefix(text.empty() ? 0 : 1);
  return result;
}

std::string take_value(std::string_view& text) {
  text = trimmed(text);
  if (text.starts_with('"')) {
    return unquoted(text);
  }
  auto end = std::min(text.find(';'), text.size());
  std::string result{trimmed(text.substr(0, end))};
  text.remove_prefix(end);
  return result;
}

// `UTF-8''a%20b.txt`, of RFC 5987.
std::optional<std::string> extended(std::string_view text) {
  if (!lower_case(text.substr(0, 7)).starts_with("utf-8''")) {
    return std::nullopt;
  }
  std::string result;
  for (text.remove_prefix(7); !text.empty(); text.remove_prefix(1)) {
    unsigned char byte = 0;
    auto is_escape =
        text.size() >= 3 && text.front() == '%'
        && std::from_chars(text.data() + 1, text.data() + 3, byte, 16).ptr == text.data() + 3;
    result += is_escape ? static_cast<char>(byte) : text.front();
    text.remove_prefix(is_escape ? 2 : 0);
  }
  return result;
}

void check_encoding(std::string_view value) {
  auto encoding = header_value{value}.name();
  if (encoding != "binary" && encoding != "8bit" && encoding != "7bit") {
    fail("parts come as they are, and not in " + encoding + ".");
  }
}

void read_disposition(std::string_view text, form_part& part) {
  header_value value{text};
  auto field = value.parameter("name");
  if (value.name() != "form-data" || !field) {
    fail("a part has no name.");
  }
  part.field = *std::move(field);
  part.filename = value.parameter("filename");
  if (auto exact = value.parameter("filename*")) {
    if (auto name = extended(*exact)) {
      part.filename = std::move(name);
    }
  }
}

form_part read_head(std::string_view head) {
  form_part result;
  bool is_named = false;
  while (!head.empty()) {
    auto end = std::min(head.find(line_end), head.size());
    auto line = head.substr(0, end);
    head.remove_prefix(std::min(end + line_end.size(), head.size()));
    auto colon = std::min(line.find(':'), line.size());
    auto name = lower_case(trimmed(line.substr(0, colon)));
    auto value = trimmed(line.substr(std::min(colon + 1, line.size())));
    if (name == "content-disposition") {
      read_disposition(value, result);
      is_named = true;
    } else if (name == "content-type") {
      result.content_type = value;
    } else if (name == "content-transfer-encoding") {
      check_encoding(value);
    }
  }
  if (!is_named) {
    fail("a part has no name.");
  }
  return result;
}

} // namespace

std::string header_value::name() const {
  return lower_case(trimmed(text_.substr(0, std::min(text_.find(';'), text_.size()))));
}

std::optional<std::string> header_value::parameter(std::string_view wanted) const {
  auto rest = text_;
  rest.remove_prefix(std::min(rest.find(';'), rest.size()));
  while (rest.starts_with(';')) {
    rest.remove_prefix(1);
    auto equals = rest.find('=');
    if (equals == rest.npos) {
      break;
    }
    auto name = lower_case(trimmed(rest.substr(0, equals)));
    rest.remove_prefix(equals + 1);
    auto value = take_value(rest);
    if (name == wanted) {
      return value;
    }
    rest.remove_prefix(std::min(rest.find(';'), rest.size()));
  }
  return std::nullopt;
}

multipart_reader::multipart_reader(std::string_view boundary, std::string_view body)
    : delimiter_("\r\n--" + std::string{boundary}), rest_(body) {
  // RFC 2046, section 5.1.1
  if (boundary.empty() || boundary.size() > 70) {
    fail("the boundary is missing or too long.");
  }
  auto opening = std::string_view{delimiter_}.substr(line_end.size());
  if (rest_.starts_with(opening)) {
    rest_.remove_prefix(opening.size());
    return;
  }
  auto start = rest_.find(delimiter_);
  if (start == rest_.npos) {
    fail("there is no part.");
  }
  rest_.remove_prefix(start + delimiter_.size());
}

std::optional<form_part> multipart_reader::next() {
  if (is_at_end_ || rest_.starts_with("--")) {
    is_at_end_ = true;
    return std::nullopt;
  }
  rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
  if (!rest_.starts_with(line_end)) {
    fail("a boundary is followed by no part.");
  }
  // The blank line may be the first one.
  auto length = rest_.substr(0, form::most_header_bytes).find("\r\n\r\n");
  if (length == rest_.npos) {
    fail("what is said about a part does not end, or is too long.");
  }
  auto result =
      read_head(rest_.substr(line_end.size(), length - std::min(length, line_end.size())));
  // A part without content ends with the line that ends its head.
  auto content = rest_.substr(length + line_end.size());
  auto end = content.find(delimiter_);
  if (end == content.npos) {
    fail("the end is missing.");
  }
  result.bytes = end < line_end.size() ? std::string_view{}
                                       : content.substr(line_end.size(), end - line_end.size());
  rest_ = content.substr(end + delimiter_.size());
  return result;
}

std::string base_name(std::string_view name) {
  auto slash = name.find_last_of("/\\");
  std::string result{slash == name.npos ? name : name.substr(slash + 1)};
  std::erase_if(result, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  return result == "." || result == ".." ? std::string{} : result;
}

} // namespace dcrf::internal
