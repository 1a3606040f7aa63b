#include "dcrf/view/form.hpp"

#include "dcrf/json/json_writer.hpp"
#include "dcrf/protocol/errors.hpp"
#include "dcrf/protocol/scope.hpp"
#include "dcrf/view/internal/multipart.hpp"
#include "dcrf/view/internal/unsupported_media_type.hpp"

#include <simdjson.h>

#include <algorithm>

namespace dcrf {

namespace {

void require_utf8(std::string_view text) {
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    throw parse_error("Form parse error - a text is no UTF-8.");
  }
}

form::fields urlencoded(std::string_view body) {
  auto parts = static_cast<std::size_t>(std::ranges::count(body, '&')) + 1;
  if (parts > form::most_parts) {
    throw parse_error("Form parse error - there are too many fields.");
  }
  scope reading;
  reading.query_string = body;
  return reading.query_pairs();
}

} // namespace

form::form(std::string_view media_type, std::string_view body) {
  internal::header_value type{media_type};
  auto name = type.name();
  if (name == "multipart/form-data") {
    read_multipart(type.parameter("boundary").value_or(""), body);
  } else if (name == "application/x-www-form-urlencoded") {
    texts_ = urlencoded(body);
  } else {
    throw unsupported_media_type(std::string{media_type});
  }
  for (const auto& [field, value] : texts_) {
    require_utf8(field);
    require_utf8(value);
  }
}

void form::read_multipart(std::string_view boundary, std::string_view body) {
  internal::multipart_reader reader{boundary, body};
  std::size_t count = 0;
  while (auto part = reader.next()) {
    if (++count > most_parts) {
      throw parse_error("Multipart form parse error - there are too many parts.");
    }
    if (!part->filename) {
      texts_.emplace_back(std::move(part->field), part->bytes);
      continue;
    }
    auto file = internal::base_name(*part->filename);
    // A browser sends a field whose file was not chosen, too.
    if (file.empty() && part->bytes.empty()) {
      continue;
    }
    require_utf8(part->field);
    require_utf8(file);
    auto type =
        part->content_type.empty() ? "application/octet-stream" : std::move(part->content_type);
    files_.push_back({std::move(part->field), std::move(file), std::move(type), part->bytes});
  }
}

std::optional<std::string_view> form::text(std::string_view field) const noexcept {
  std::optional<std::string_view> result;
  for (const auto& [name, value] : texts_) {
    if (name == field) {
      result = value;
    }
  }
  return result;
}

const uploaded_file* form::file(std::string_view field) const noexcept {
  const uploaded_file* result = nullptr;
  for (const auto& x : files_) {
    if (x.field == field) {
      result = &x;
    }
  }
  return result;
}

json_text form::data() const {
  std::vector<std::pair<std::string_view, std::vector<std::string_view>>> by_name;
  for (const auto& [field, value] : texts_) {
    auto known =
        std::ranges::find(by_name, std::string_view{field}, &decltype(by_name)::value_type::first);
    if (known == by_name.end()) {
      known = by_name.insert(by_name.end(), {field, {}});
    }
    known->second.push_back(value);
  }
  std::string result;
  json_writer writer{result};
  writer.begin_object();
  for (const auto& [field, values] : by_name) {
    writer.key(field);
    if (values.size() == 1) {
      writer.text(values.front());
      continue;
    }
    writer.begin_array();
    for (auto value : values) {
      writer.text(value);
    }
    writer.end_array();
  }
  writer.end_object();
  return json_text::trusted(std::move(result));
}

} // namespace dcrf
