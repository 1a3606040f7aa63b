#include "conformance/presence.hpp"

#include <nlohmann/json.hpp>

namespace conformance {

namespace {

dcrf::json people(const dcrf::presence& where) {
  auto result = dcrf::json::array();
  for (const auto& who : where.list()) {
    result.push_back(who.to_json());
  }
  return result;
}

} // namespace

dcrf::task<dcrf::response> presence_consumer::enter(std::string key, std::string name) {
  dcrf::presence where{runtime(), key};
  co_await group_add(where.group());
  auto before = people(where);
  auto who = dcrf::json(name);
  entered_.push_back(where.enter(who));
  co_return dcrf::response::created(before);
}

dcrf::response presence_consumer::list(std::string key) {
  dcrf::presence where{runtime(), key};
  return dcrf::response::ok(people(where));
}

} // namespace conformance
