#include "conformance/things.hpp"

#include <nlohmann/json.hpp>

#include "conformance/failures.hpp"

namespace conformance {

template <class Serializer>
std::vector<std::string>
thing_consumer<Serializer>::groups_of(const std::optional<std::vector<std::int64_t>>& things) {
  if (!things) {
    return {many_things::all::key()};
  }
  std::vector<std::string> result;
  for (auto pk : *things) {
    result.push_back(many_things::one::key(pk));
  }
  return result;
}

template <class Serializer>
dcrf::task<dcrf::response>
thing_consumer<Serializer>::subscribe_many(std::optional<std::vector<std::int64_t>> things,
                                           dcrf::request& req) {
  for (const auto& group : groups_of(things)) {
    co_await this->template subscribe<many_things>(req, group);
  }
  co_return dcrf::response::created();
}

template <class Serializer>
dcrf::response
thing_consumer<Serializer>::unsubscribe_many(std::optional<std::vector<std::int64_t>> things,
                                             dcrf::request& req) {
  for (const auto& group : groups_of(things)) {
    this->template unsubscribe<many_things>(req, group);
  }
  return dcrf::response::no_content();
}

template <class Serializer>
dcrf::task<> thing_consumer<Serializer>::count_to(std::optional<std::int64_t> limit,
                                                  std::optional<bool> fail, dcrf::request& req) {
  auto last = limit.value_or(3);
  check_answers("limit", last);
  for (std::int64_t i = 1; i <= last; ++i) {
    this->reply(req, dcrf::response::ok(dcrf::json(i)));
    co_await this->drain();
  }
  if (fail.value_or(false)) {
    throw dcrf::validation_error("stopped");
  }
}

template <class Serializer>
dcrf::task<> thing_consumer<Serializer>::many_things::handle(thing_consumer& self,
                                                             const dcrf::observed& event) {
  dcrf::response shown{event.message.body(), 204};
  if (event.message.kind != dcrf::change_kind::remove) {
    auto found = co_await self.template repository<thing>().find(dcrf::key{event.message.key});
    if (!found) {
      co_return;
    }
    shown = dcrf::response::ok(dcrf::to_json<Serializer>(*found));
  }
  auto action = dcrf::json(dcrf::to_string(event.message.kind)).dump();
  for (const auto& name : event.request_ids) {
    self.reply(name, action, shown);
  }
}

template class thing_consumer<thing_serializer>;
template class thing_consumer<thing_with_pk_serializer>;

} // namespace conformance
