#pragma once

#include "dcrf/consumer/consumer_session.hpp"
#include "dcrf/groups/live_list.hpp"
#include "dcrf/runtime/context.hpp"
#include "dcrf/session/internal/live_request.hpp"
#include "dcrf/session/internal/subscriptions.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace dcrf {

/// The lists that the client of one consumer watches: answers with each as it is, tells what
/// becomes of it, and sends it anew where the client has read too slowly for that.
class list_delivery {
public:
  /// @param context, within, session, member outlive the delivery
  list_delivery(session_context& context, const runtime& within, consumer_session& session,
                group_member& member)
      : context_(&context), runtime_(&within), session_(&session), member_(&member) {}
  list_delivery(const list_delivery&) = delete;
  list_delivery& operator=(const list_delivery&) = delete;
  ~list_delivery() { clear(); }

  [[nodiscard]] bool empty() const noexcept { return watched_.empty(); }

  /// Answers a request with a list. What was watched under its request id ends.
  /// @param live what the request asks for besides; null if nothing
  /// @throws validation_error without a request id; limit_exceeded; api_exception (501) where the
  ///         database can't be asked; service_unavailable
  [[nodiscard]] task<> watch(const request& req, watched_list x, live_request* live);

  /// Ends all, and tells the client under the request id of each.
  void end_all(const std::string& errors, int status);

  /// Ends what is watched under a request id; without an id, all.
  void end(const std::optional<std::string>& request_id);

  void clear() { end(std::nullopt); }

  /// Tells what has become of a list.
  /// @returns whether that is done; else `tell_in_turns` is to be awaited
  [[nodiscard]] bool tell(const group_message_ptr& message);
  [[nodiscard]] task<> tell_in_turns(group_message_ptr message);

  /// Tells those who have not been told of anything for long how far they are.
  void reach(const position_tick& x);

  /// What waits is dropped: all are sent anew what they watch.
  void fall_behind();
  [[nodiscard]] bool has_behind() const noexcept;
  /// Sends what those who are behind watch, as fast as the client takes it.
  [[nodiscard]] task<> catch_up();

private:
  struct watch_state {
    std::string request_id;
    group_name group;
    watched_list what;
    std::string action{};
    // What the client has: nothing before its request is answered.
    std::uint64_t revision = 0;
    feed_position_ptr reached{};
    bool is_open = false;
    bool is_behind = false;
    bool is_ended = false;
    // What it costs besides its rows, and with them.
    std::size_t fixed_cost = 0;
    std::size_t kept = 0;
    std::size_t groups = 0;
  };
  using watch_ptr = std::shared_ptr<watch_state>;

  [[nodiscard]] bool is_in(const group_name& group) const;
  task<list_state_ptr> begin(watch_ptr x, std::string since);
  void end(const watch_ptr& x);
  void hold(watch_state& x, std::size_t bytes_of_rows);
  void end_too_large(const watch_ptr& x);
  void tell_too_large(const watch_state& x);
  [[nodiscard]] bool has_room(watch_state& x, const list_steps& steps);
  [[nodiscard]] static bool is_next(watch_state& x, const group_message& message);
  [[nodiscard]] std::string data_of(const watch_state& x, const list_state& state) const;
  void send(const watch_state& x, const list_step& step);
  void send_state(watch_state& x, const list_state& state, bool is_resuming);
  void send_state_or_end(const watch_ptr& x, const list_state& state, bool is_resuming);
  task<> tell_in_turns(watch_ptr to, group_message_ptr message);
  task<> catch_up(watch_ptr x);

  session_context* context_;
  const runtime* runtime_;
  consumer_session* session_;
  group_member* member_;
  // By request ids.
  std::map<std::string, watch_ptr> watched_;
  std::unordered_map<group_name, std::vector<watch_ptr>> by_group_;
};

} // namespace dcrf
