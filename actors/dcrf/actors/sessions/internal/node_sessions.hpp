#pragma once

#include "dcrf/actors/messages.hpp"
#include "dcrf/actors/sessions/internal/session_registry.hpp"
#include "dcrf/actors/threads/internal/pinned.hpp"

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace dcrf {

/// What the sessions of a node are asked.
using session_question = std::variant<list_sessions, send_to_session, close_one_session>;

/// The answer to any of these.
struct session_answer {
  bool is_there = false;
  std::vector<std::uint64_t> numbers{};
};

/// What this node answers. From any thread.
session_answer answer_of(const session_registry& sessions, const session_question& x);

/// The actor that stands for the sessions of a node: its own, or another one.
class node_sessions final : public pinned_actor {
public:
  using signatures = node_sessions_actor::signatures;

  using answer_function = std::function<void(caf::expected<session_answer>)>;
  /// Calls back once, on the thread of the actor.
  using ask_function = std::function<void(session_question, answer_function)>;

  node_sessions(caf::actor_config& config, pinning_unit& unit, ask_function ask);

  // -- implementation of caf::event_based_actor ---------------------------------------------------

  caf::behavior make_behavior() override;
  const char* name() const override { return "dcrf.node_sessions"; }

private:
  caf::result<bool> is_there(session_question x);

  ask_function ask_;
};

} // namespace dcrf
