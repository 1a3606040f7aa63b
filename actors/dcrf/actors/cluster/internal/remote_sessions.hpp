#pragma once

#include "dcrf/actors/cluster/internal/open_calls.hpp"
#include "dcrf/actors/sessions/internal/node_sessions.hpp"
#include "dcrf/actors/threads/internal/io_thread.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace dcrf::cluster {

/// The sessions of another node, as actors of this one reach them. Without the link, or when no
/// answer comes in time, requests fail with caf::sec::cannot_connect_to_node. Used on its thread
/// only, but for `handle`.
class remote_sessions {
public:
  /// Sends to the other node; called only while it is linked.
  using send_function = std::function<void(std::uint64_t id, const session_question&)>;

  remote_sessions(io_thread& thread, std::string name, send_function send);
  remote_sessions(const remote_sessions&) = delete;
  remote_sessions& operator=(const remote_sessions&) = delete;
  ~remote_sessions();

  [[nodiscard]] const node_sessions_actor& handle() const noexcept { return handle_; }

  /// Ends the actor. From any thread but its own.
  void stop();

  // -- what the link tells ------------------------------------------------------------------------

  void linked() { is_linked_ = true; }
  void lost();
  void answered(std::uint64_t id, session_answer x);

private:
  using answer_function = node_sessions::answer_function;

  void ask(session_question x, answer_function answer);
  static void refuse(const answer_function& answer, std::string why);

  io_thread* thread_;
  std::string name_;
  send_function send_;
  bool is_linked_ = false;
  open_calls<answer_function> calls_;
  node_sessions_actor handle_;
};

} // namespace dcrf::cluster
