#include "dcrf/actors/cluster/internal/remote_sessions.hpp"

#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <fmt/format.h>

#include <future>
#include <utility>

namespace dcrf::cluster {

remote_sessions::remote_sessions(io_thread& thread, std::string name, send_function send)
    : thread_(&thread),
      name_(std::move(name)),
      send_(std::move(send)),
      calls_(thread,
             [this](const answer_function& x) {
               refuse(x, fmt::format("node {} did not answer in time", name_));
             }),
      // Runs when it gets its first message, so after what is posted before the handle is given
      // away.
      handle_(caf::actor_cast<node_sessions_actor>(spawn_pinned<node_sessions, caf::lazy_init>(
          thread, [this](session_question x, answer_function answer) {
            ask(std::move(x), std::move(answer));
          }))) {}

remote_sessions::~remote_sessions() { stop(); }

void remote_sessions::stop() {
  if (!handle_) {
    return;
  }
  std::promise<void> answered_all;
  thread_->post([this, &answered_all] {
    lost();
    calls_.stop();
    answered_all.set_value();
  });
  answered_all.get_future().wait();
  std::promise<void> ended;
  handle_->attach_functor([&ended] { ended.set_value(); });
  caf::anon_send_exit(handle_, caf::exit_reason::kill);
  ended.get_future().wait();
  handle_ = nullptr;
}

void remote_sessions::ask(session_question x, answer_function answer) {
  if (is_linked_) {
    send_(calls_.add(std::move(answer)), x);
  } else {
    refuse(answer, fmt::format("node {} is not linked", name_));
  }
}

void remote_sessions::lost() {
  is_linked_ = false;
  for (const auto& answer : calls_.take_all()) {
    refuse(answer, fmt::format("the link to node {} was lost", name_));
  }
}

void remote_sessions::answered(std::uint64_t id, session_answer x) {
  if (auto answer = calls_.take(id)) {
    (*answer)(std::move(x));
  }
}

void remote_sessions::refuse(const answer_function& answer, std::string why) {
  answer(caf::make_error(caf::sec::cannot_connect_to_node, std::move(why)));
}

} // namespace dcrf::cluster
