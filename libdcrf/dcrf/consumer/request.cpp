#include "dcrf/consumer/request.hpp"

#include "dcrf/consumer/errors.hpp"
#include "dcrf/json/json_writer.hpp"

#include <nlohmann/json.hpp>

namespace dcrf {

request::request(const dcrf::scope& connection, frame_reader& reader)
    : scope_(&connection), reader_(&reader) {}

void request::parse(std::string frame) {
  auto root = reader_->read(frame);
  if (!root.is_object()) {
    throw parse_error();
  }
  frame_ = std::move(frame);
  body_ = root;
  generation_ = reader_->generation();
  root.each_member([this](std::string_view name, json_view value) {
    if (name == "action") {
      action_text_ = value.to_text();
      action_ = value.type() == json_type::text ? std::string{value.text()} : action_text_;
    } else if (name == "request_id") {
      id_ = value.to_text();
    }
  });
}

json_view request::body() const {
  if (generation_ != reader_->generation()) {
    body_ = reader_->read(frame_);
    generation_ = reader_->generation();
  }
  return body_;
}

std::optional<json_view> request::argument(std::string_view name) const {
  return body().find(name);
}

json request::arguments() const {
  auto result = json::object();
  body().each_member([&](std::string_view name, json_view value) {
    if (name != "action" && name != "request_id") {
      result[std::string{name}] = value.to_json();
    }
  });
  return result;
}

} // namespace dcrf
