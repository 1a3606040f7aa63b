#pragma once

#include "dcrf/groups/group.hpp"
#include "dcrf/groups/live_list.hpp"
#include "dcrf/protocol/request.hpp"
#include "dcrf/protocol/scope.hpp"
#include "dcrf/runtime/runtime.hpp"
#include "dcrf/runtime/task.hpp"
#include "dcrf/serializer/hypermedia.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dcrf {

/// A list that a client watches.
struct watched_list {
  std::shared_ptr<const list_query> query{};
  /// Shows a row that looks different to each; outlives the session of its consumer.
  std::function<std::string(const row&)> show{};
};

/// What a consumer asks of the session that runs it. All of it is called on the session's thread.
class consumer_session {
public:
  [[nodiscard]] virtual const dcrf::scope& scope() const noexcept = 0;
  [[nodiscard]] virtual const dcrf::runtime& runtime() const noexcept = 0;

  /// The streams of the connection, if the consumer serves one of them.
  [[nodiscard]] virtual std::span<const linked_stream> streams() const noexcept = 0;

  /// Sends a frame; before the client is accepted, once it is.
  virtual void send(std::string frame) = 0;

  /// Sends a frame whose beginning is sent to others, too.
  virtual void send(std::shared_ptr<const std::string> head, std::string_view tail) = 0;

  /// Sends a binary frame, as above.
  virtual void send_bytes(std::string bytes) = 0;

  /// Closes the connection after what was sent before; before the client is accepted, refuses it.
  virtual void close(std::uint16_t code) = 0;

  /// Accepts the client only to close the connection with a code.
  virtual void reject(std::uint16_t code) = 0;

  /// What the client is told of the subprotocols that it has offered.
  virtual void choose_subprotocol(std::string name) = 0;

  /// Waits, if much is still to be sent to the client, until it has taken most of it.
  virtual task<> drain() = 0;

  /// Runs `work` until it ends or the connection does.
  virtual void spawn(task<> work) = 0;

  /// Ends the detached runs of an action.
  virtual void cancel(std::string_view action) = 0;

  /// The running action awaits only one more command: the next request may start meanwhile.
  virtual void allow_pipelining() = 0;

  /// Becomes a member of a group, under a request id or without one.
  virtual task<> join(group_name group, std::optional<std::string> request_id) = 0;

  /// Ends the membership under a request id; without an id, all of them.
  virtual void leave(const group_name& group, const std::optional<std::string>& request_id) = 0;

  /// Answers a request with a list or the number of its rows, and tells under its request id what
  /// becomes of that.
  virtual task<> watch(const request& req, watched_list x) = 0;

  /// Ends that under a request id; without an id, of all.
  virtual void unwatch(const std::optional<std::string>& request_id) = 0;

protected:
  ~consumer_session() = default;
};

} // namespace dcrf
