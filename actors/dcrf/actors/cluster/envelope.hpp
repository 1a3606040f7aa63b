#pragma once

#include "dcrf/model/bytes.hpp"

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace dcrf {

/// Everything that one node says to another, as bytes: the only type of message that crosses nodes,
/// so that nothing but these bytes has to stay the same over versions of this library and of CAF.
struct cluster_envelope {
  std::vector<char> bytes;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, cluster_envelope& x) {
  return f(caf::meta::type_name("dcrf.envelope"), x.bytes);
}

namespace cluster {

/// The version of what is in the bytes. Nodes of different versions don't link.
inline constexpr std::uint8_t protocol_version = 7;

/// What an envelope says; the byte after the version.
enum class topic : std::uint8_t {
  /// The first of both sides: who they are.
  hello,
  welcome,
  /// Why the other side is not let in.
  refusal,
  /// The nodes that the sender is linked to.
  members,
  /// The sender has its first member in a group; answered with `interest_noted`.
  interest,
  interest_noted,
  /// The sender has no member in a group any more.
  interest_lost,
  /// All interests that the sender had when the link came up have been sent.
  interests_sent,
  interests_noted,
  /// A message to a group.
  event,
  /// For the repositories of the receiver; answered with `result`.
  command,
  result,
  abandon,
  /// The sender wants to know when all is announced that had been committed; answered with
  /// `caught_up`.
  catch_up,
  caught_up,
  /// The sender stops.
  leaving,
  /// Somebody is present at the sender, or not any more.
  arrival,
  departure,
  /// For sessions of the receiver; answered with `session_answer`.
  session_question,
  session_answer,
};

/// Starts an envelope.
inline byte_writer envelope_of(topic x) {
  byte_writer result;
  result.byte(protocol_version);
  result.byte(static_cast<std::uint8_t>(x));
  return result;
}

inline cluster_envelope sealed(byte_writer x) { return {std::move(x).take()}; }

} // namespace cluster

} // namespace dcrf
