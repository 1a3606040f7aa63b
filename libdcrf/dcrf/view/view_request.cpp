#include "dcrf/view/view_request.hpp"

#include "dcrf/json/json_reader.hpp"
#include "dcrf/json/json_writer.hpp"
#include "dcrf/view/internal/unsupported_media_type.hpp"

#include <algorithm>
#include <utility>

namespace dcrf {

namespace {

json_text text_value(std::string_view x) {
  std::string result;
  append_json_string(result, x);
  return json_text::trusted(std::move(result));
}

bool is_json(std::string_view media_type) {
  auto name = media_type.substr(0, media_type.find(';'));
  auto end = name.find_last_not_of(" \t");
  name = name.substr(0, end == name.npos ? 0 : end + 1);
  return std::ranges::equal(name, std::string_view{"application/json"}, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// A member of a request that is an object, or missing.
std::optional<json_view> object_argument(const request& from, std::string_view name) {
  auto found = from.argument(name);
  if (found && !found->is_object()) {
    throw validation_error(name, "Expected a dictionary of items but got type \""
                                     + std::string{python_name(found->type())} + "\".");
  }
  return found;
}

json_text copy_of(json_view x) { return json_text::trusted(x.to_text()); }

} // namespace

view_request::view_request(const http_request& from, const dcrf::runtime& within)
    : scope_(&from.scope),
      runtime_(&within),
      method_(from.method),
      body_(&from.body),
      media_type_(from.scope.header("content-type").value_or("")) {
  for (const auto& [name, value] : from.scope.query_pairs()) {
    auto known = std::ranges::find(query_, name, &values::value_type::first);
    if (known == query_.end()) {
      known = query_.emplace(query_.end(), name, std::vector<json_text>{});
    }
    known->second.push_back(text_value(value));
  }
  for (const auto& [name, value] : from.scope.parameters) {
    parameters_.emplace_back(name, text_value(value));
  }
}

view_request::view_request(std::string_view method, const request& from,
                           const dcrf::runtime& within)
    : scope_(&from.scope()),
      runtime_(&within),
      method_(method),
      body_(&own_body_),
      own_body_("{}") {
  if (auto query = object_argument(from, "query")) {
    query->each_member([this](std::string_view name, json_view x) {
      std::vector<json_text> given;
      if (x.type() == json_type::array) {
        x.each_element([&](json_view element) { given.push_back(copy_of(element)); });
      } else {
        given.push_back(copy_of(x));
      }
      query_.emplace_back(name, std::move(given));
    });
  }
  if (auto parameters = object_argument(from, "parameters")) {
    parameters->each_member(
        [this](std::string_view name, json_view x) { parameters_.emplace_back(name, copy_of(x)); });
  }
  if (auto data = from.argument("data")) {
    own_body_ = data->to_text();
  }
}

request view_request::query_arguments() const {
  std::string text;
  json_writer writer{text};
  writer.begin_object();
  for (const auto& [name, given] : query_) {
    if (!given.empty()) {
      writer.key(name).raw(given.back());
    }
  }
  writer.end_object();
  request result{*scope_, runtime_->where().reader()};
  result.parse(std::move(text));
  return result;
}

json_text view_request::parameters() const {
  std::string result;
  json_writer writer{result};
  writer.begin_object();
  for (const auto& [name, value] : parameters_) {
    writer.key(name).raw(value);
  }
  writer.end_object();
  return json_text::trusted(std::move(result));
}

const json_text* view_request::find_parameter(std::string_view name) const noexcept {
  // The last of repeated members counts, as everywhere.
  for (auto i = parameters_.rbegin(); i != parameters_.rend(); ++i) {
    if (i->first == name) {
      return &i->second;
    }
  }
  return nullptr;
}

const form& view_request::form() {
  if (!form_) {
    form_.emplace(media_type_.value_or("application/json"), *body_);
    own_body_ = form_->data().str();
  }
  return *form_;
}

json_view view_request::data_view() const {
  if (form_) {
    return parsed(own_body_);
  }
  if (media_type_ && body_->empty()) {
    return parsed("{}");
  }
  if (media_type_ && !is_json(*media_type_)) {
    throw unsupported_media_type(*media_type_);
  }
  try {
    return parsed(*body_);
  } catch (const json_error& error) {
    constexpr std::string_view prefix = "JSON parse error: ";
    std::string_view reason = error.what();
    reason.remove_prefix(reason.starts_with(prefix) ? prefix.size() : 0);
    throw parse_error("JSON parse error - " + std::string{reason});
  }
}

json_text view_request::data() const { return copy_of(data_view()); }

const std::vector<json_text>* view_request::find(const values& in, std::string_view name) noexcept {
  const std::vector<json_text>* result = nullptr;
  for (const auto& [key, found] : in) {
    if (key == name) {
      result = &found;
    }
  }
  return result;
}

json_view view_request::parsed(std::string_view text) const {
  return runtime_->where().reader().read(text);
}

std::optional<json_view> view_request::within_text(json_view x) const {
  // Reading anew ends the view.
  std::string text{x.text()};
  try {
    return parsed(text);
  } catch (const json_error&) {
    return std::nullopt;
  }
}

void view_request::raise(std::string_view name, std::string_view expected) {
  throw validation_error(name, expected);
}

} // namespace dcrf
