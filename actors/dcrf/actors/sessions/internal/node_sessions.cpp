#include "dcrf/actors/sessions/internal/node_sessions.hpp"

#include <caf/send.hpp>

#include <utility>

namespace dcrf {

namespace {

struct answering {
  const session_registry& sessions;

  session_answer operator()(const list_sessions&) const {
    session_answer result{.is_there = true};
    for (const auto& x : sessions.sessions()) {
      result.numbers.push_back(x.id());
    }
    return result;
  }

  session_answer operator()(const send_to_session& x) const {
    return given(x.session, send_frame{x.frame});
  }

  session_answer operator()(const close_one_session& x) const {
    return given(x.session, close_session{x.code});
  }

  template <class Message>
  session_answer given(std::uint64_t number, Message message) const {
    auto session = sessions.find(number);
    if (session) {
      caf::anon_send(session, std::move(message));
    }
    return {.is_there = static_cast<bool>(session)};
  }
};

} // namespace

session_answer answer_of(const session_registry& sessions, const session_question& x) {
  return std::visit(answering{sessions}, x);
}

node_sessions::node_sessions(caf::actor_config& config, pinning_unit& unit, ask_function ask)
    : pinned_actor(config, unit), ask_(std::move(ask)) {}

caf::behavior node_sessions::make_behavior() {
  return {
      [this](const list_sessions& x) {
        auto promise = make_response_promise<session_list>();
        ask_(x, [promise](caf::expected<session_answer> answer) mutable {
          if (answer) {
            promise.deliver(session_list{std::move(answer->numbers)});
          } else {
            promise.deliver(std::move(answer.error()));
          }
        });
        return promise;
      },
      [this](send_to_session& x) { return is_there(std::move(x)); },
      [this](const close_one_session& x) { return is_there(x); },
  };
}

caf::result<bool> node_sessions::is_there(session_question x) {
  auto promise = make_response_promise<bool>();
  ask_(std::move(x), [promise](caf::expected<session_answer> answer) mutable {
    if (answer) {
      promise.deliver(answer->is_there);
    } else {
      promise.deliver(std::move(answer.error()));
    }
  });
  return promise;
}

} // namespace dcrf
