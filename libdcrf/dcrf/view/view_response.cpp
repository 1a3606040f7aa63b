#include "dcrf/view/view_response.hpp"

#include "dcrf/json/json_writer.hpp"

#include <simdjson.h>

#include <algorithm>
#include <utility>

namespace dcrf {

namespace {

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  result.reserve(2 * bytes.size());
  for (char byte : bytes) {
    auto x = static_cast<unsigned char>(byte);
    result += digits[x / 16];
    result += digits[x % 16];
  }
  return result;
}

} // namespace

view_response view_response::with(unsigned status, json_text data) {
  view_response result;
  result.status_ = status;
  if (!data.is_null()) {
    result.kind_ = content::data;
    result.body_ = std::move(data).str();
    result.media_type_ = "application/json";
  }
  return result;
}

view_response view_response::detail(unsigned status, std::string_view text) {
  std::string body;
  json_writer{body}.begin_object().key("detail").text(text).end_object();
  return with(status, json_text::trusted(std::move(body)));
}

view_response view_response::text(std::string body, unsigned status, std::string_view media_type) {
  return raw(std::move(body), status, media_type);
}

view_response view_response::bytes(std::string body, unsigned status, std::string_view media_type) {
  return raw(std::move(body), status, media_type);
}

view_response view_response::raw(std::string body, unsigned status, std::string_view media_type) {
  view_response result;
  result.status_ = status;
  result.kind_ = content::raw;
  result.body_ = std::move(body);
  result.media_type_ = media_type;
  return result;
}

view_response& view_response::header(std::string_view name, std::string_view value) {
  auto known = std::ranges::find(headers_, name, &scope::pairs::value_type::first);
  if (known == headers_.end()) {
    headers_.emplace_back(name, value);
  } else {
    known->second = value;
  }
  return *this;
}

json_text view_response::data() const {
  switch (kind_) {
  case content::none:
    return {};
  case content::data:
    return json_text::trusted(body_);
  case content::raw:
    break;
  }
  std::string result;
  auto is_text = simdjson::validate_utf8(body_.data(), body_.size());
  append_json_string(result, is_text ? body_ : hex_of(body_));
  return json_text::trusted(std::move(result));
}

} // namespace dcrf
