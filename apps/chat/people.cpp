#include "chat/people.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "chat/models.hpp"

namespace chat {

namespace {

// Of the keys of presence.
constexpr std::string_view room_prefix = "room ";
constexpr std::size_t people_in_a_summary = 4;

std::string key_of(std::int64_t room) { return fmt::format("{}{}", room_prefix, room); }

std::optional<std::int64_t> room_of(std::string_view key) {
  std::int64_t result = 0;
  if (!key.starts_with(room_prefix)) {
    return std::nullopt;
  }
  key.remove_prefix(room_prefix.size());
  auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), result);
  bool is_number = error == std::errc{} && end == key.data() + key.size();
  return is_number ? std::optional{result} : std::nullopt;
}

} // namespace

dcrf::presence people_in(const dcrf::runtime& within, std::int64_t room) {
  return {within, key_of(room)};
}

dcrf::json summary_of_people(const dcrf::runtime& within, std::int64_t room) {
  auto people = people_in(within, room).list();
  auto some = dcrf::json::array();
  for (const auto& who : people) {
    if (some.size() == people_in_a_summary) {
      break;
    }
    some.push_back(who.to_json());
  }
  return {{"count", people.size()}, {"some", std::move(some)}};
}

dcrf::task<> note_people(const dcrf::runtime& within, const std::string& key) {
  auto pk = room_of(key);
  if (!pk) {
    co_return;
  }
  auto named = dcrf::query<room>{}.filter(dcrf::column<&room::id> == *pk);
  if (!co_await within.repository<room>().exists(named)) {
    co_return;
  }
  auto noted = within.related<&room::current_users>(*pk);
  auto users = co_await noted.list();
  // After what may take its time: other nodes with this database note people, too, and would have
  // to undo what is written for somebody who has gone meanwhile.
  std::set<std::int64_t> present;
  for (const auto& who : dcrf::presence{within, key}.list()) {
    present.insert(who.to_json().at("id").get<std::int64_t>());
  }
  for (const auto& x : users) {
    if (present.erase(x.id) == 0) {
      co_await noted.remove(x.id);
    }
  }
  for (auto id : present) {
    co_await noted.add(id);
  }
}

dcrf::task<> note_all_people(const dcrf::runtime& within) {
  auto rooms = co_await within.repository<room>().list({});
  for (const auto& x : rooms) {
    auto key = key_of(x.id);
    co_await note_people(within, key);
  }
}

} // namespace chat
