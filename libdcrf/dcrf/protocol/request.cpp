#include "dcrf/protocol/request.hpp"

#include "dcrf/json/json_writer.hpp"
#include "dcrf/json/internal/python_text.hpp"
#include "dcrf/protocol/errors.hpp"

#include <nlohmann/json.hpp>

namespace dcrf {

request::request(const dcrf::scope& connection, frame_reader& reader)
    : scope_(&connection), reader_(&reader) {}

void request::parse(std::string frame, std::string_view member) {
  auto root = reader_->read(frame);
  auto body = member.empty() ? std::optional{root} : root.find(member);
  if (!body || !body->is_object()) {
    throw parse_error();
  }
  frame_ = std::move(frame);
  member_ = member;
  body_ = *body;
  generation_ = reader_->generation();
  body_.each_member([this](std::string_view name, json_view value) {
    if (name == "action") {
      action_text_ = value.to_text();
      names_action_ = value.type() == json_type::text;
      action_ = python_text(value);
    } else if (name == "request_id") {
      id_ = value.to_text();
    } else if (name == "live") {
      has_live_ = !value.is_null();
    } else if (name == "once") {
      has_once_ = !value.is_null();
    }
  });
}

std::optional<std::string> request::optional_id() const {
  return id_ == "null" ? std::nullopt : std::optional{id_};
}

void request::action(std::string name) {
  action_ = std::move(name);
  names_action_ = true;
  action_text_.clear();
  append_json_string(action_text_, action_);
}

void request::action_value(const json_text& x) {
  json_reader own;
  auto value = own.read(x.str());
  names_action_ = value.type() == json_type::text;
  action_ = python_text(value);
  action_text_ = x.str();
}

json_view request::body() const {
  if (generation_ != reader_->generation()) {
    auto root = reader_->read(frame_);
    body_ = member_.empty() ? root : *root.find(member_);
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
