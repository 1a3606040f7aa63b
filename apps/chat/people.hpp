#pragma once

#include "dcrf/consumer/presence.hpp"
#include "dcrf/json/json.hpp"

#include <cstdint>
#include <string>

namespace chat {

/// Who is in a room now, on whatever node. Those who are present are JSON: `{"id", "username"}`.
[[nodiscard]] dcrf::presence people_in(const dcrf::runtime& within, std::int64_t room);

/// What a list of rooms shows of the people in one: `{"count": 12, "some": [{…}, …]}`.
[[nodiscard]] dcrf::json summary_of_people(const dcrf::runtime& within, std::int64_t room);

/// Has the database say of a room who is present in it, on whatever node.
/// @param key of presence
dcrf::task<> note_people(const dcrf::runtime& within, const std::string& key);

/// Does so for all rooms: when a server starts, whatever a crash has left behind.
dcrf::task<> note_all_people(const dcrf::runtime& within);

} // namespace chat
