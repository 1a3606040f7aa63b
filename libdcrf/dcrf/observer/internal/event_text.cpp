#include "dcrf/observer/internal/event_text.hpp"

#include "dcrf/json/json_writer.hpp"
#include "dcrf/model/internal/value_coder.hpp"

#include <memory>
#include <string>
#include <utility>

namespace dcrf::detail {

event_text_ptr text_of_event(const observer_descriptor& observer, change_kind kind,
                             const json_text& body) {
  std::string action;
  append_json_string(action, observer.action.empty() ? to_string(kind) : observer.action);
  return std::make_shared<event_text>(event_text::reply(body, action));
}

event_text_ptr text_of_deletion(const observer_descriptor& observer, const value& key) {
  std::string body;
  json_writer writer{body};
  writer.begin_object().key("pk");
  write_json(writer, key);
  writer.end_object();
  return text_of_event(observer, change_kind::remove, json_text::trusted(std::move(body)));
}

} // namespace dcrf::detail
