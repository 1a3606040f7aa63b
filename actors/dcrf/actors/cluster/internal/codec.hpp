#pragma once

#include "dcrf/actors/sessions/internal/node_sessions.hpp"
#include "dcrf/groups/group.hpp"
#include "dcrf/model/bytes.hpp"
#include "dcrf/store/command.hpp"
#include "dcrf/store/schema.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dcrf::cluster {

// What is said between nodes, as bytes. Models and relations are named by their tables, observers
// by their names, fields by their index, which means the same where fingerprints of the schema are
// equal. What reads throws malformed_bytes.

void write(byte_writer& out, const group_name& x);
/// @returns a free group with an empty key if this program does not know the observer, and sets
///          `is_known` to false
group_name read_group_name(byte_reader& in, bool& is_known);

void write(byte_writer& out, const group_message& x);
/// @returns null if this program does not know the observer
std::shared_ptr<group_message> read_group_message(byte_reader& in);

void write(byte_writer& out, const command& x);
command read_command(byte_reader& in, const schema& models);

void write(byte_writer& out, const store_result& x);
store_result read_store_result(byte_reader& in);

void write(byte_writer& out, const session_question& x);
session_question read_session_question(byte_reader& in);

void write(byte_writer& out, const session_answer& x);
session_answer read_session_answer(byte_reader& in);

/// A number that is the same for all programs whose models have the same tables, relations and
/// fields.
[[nodiscard]] std::uint64_t fingerprint(const schema& models);

} // namespace dcrf::cluster
