#include "dcrf/observer/internal/event_text.hpp"

#include "dcrf/json/json_writer.hpp"
#include "dcrf/protocol/internal/deletion.hpp"

#include <memory>
#include <string>

namespace dcrf::detail {

event_text_ptr text_of_event(const observer_descriptor& observer, change_kind kind,
                             const json_text& body) {
  std::string action;
  append_json_string(action, observer.action.empty() ? to_string(kind) : observer.action);
  return std::make_shared<event_text>(event_text::reply(body, action));
}

event_text_ptr text_of_deletion(const observer_descriptor& observer, const value& key) {
  return text_of_event(observer, change_kind::remove, internal::shown_deletion(key));
}

} // namespace dcrf::detail
