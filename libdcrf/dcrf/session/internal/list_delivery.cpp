#include "dcrf/session/internal/list_delivery.hpp"

#include "dcrf/protocol/errors.hpp"
#include "dcrf/protocol/internal/live_member.hpp"
#include "dcrf/protocol/response.hpp"
#include "dcrf/runtime/session_budget.hpp"
#include "dcrf/serializer/validation_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace dcrf {

namespace {

using std::chrono::milliseconds;

// What is told at once: a longer way is sent as fast as the client takes it.
constexpr std::size_t list_steps_at_once = 32;
constexpr std::size_t list_bytes_at_once = std::size_t{64} * 1024;

// What a list costs besides its texts: the nodes of tables here, and its part of the query.
constexpr std::size_t cost_of_list = 1536;
// The tables that know a list by its name, which has all that it is filtered by.
constexpr std::size_t copies_of_name = 8;

// Lists that one consumer watches: each may be read anew for each change. More than a page has.
constexpr std::size_t most_lists = 64;

// Between two attempts to read a list while the database is away.
constexpr milliseconds first_list_pause{100};
constexpr milliseconds longest_list_pause{1000};

std::shared_ptr<const std::string> list_position_head() {
  static const auto result =
      std::make_shared<const std::string>(envelope_head("[]", "null", R"("position")", 200));
  return result;
}

std::size_t cost_of(const std::string& request_id, const group_name& group) {
  return cost_of_list + request_id.size() + copies_of_name * group.key.size();
}

} // namespace

// -- beginning and end ----------------------------------------------------------------------------

task<> list_delivery::watch(const request& req, watched_list x, live_request* live) {
  if (!req.optional_id()) {
    throw validation_error("request_id", "This field is required.");
  }
  end(req.id());
  auto to = std::make_shared<watch_state>();
  to->request_id = req.id();
  to->group = list_group(*x.query);
  to->what = std::move(x);
  to->action = req.action_text();
  std::string since;
  if (live != nullptr && live->since) {
    since = *live->since;
  }
  std::exception_ptr error;
  list_state_ptr found;
  try {
    found = co_await begin(to, since);
  } catch (...) {
    error = std::current_exception();
  }
  if (error) {
    end(to);
    std::rethrow_exception(error);
  }
  if (to->is_ended) {
    co_return;
  }
  if (!found) {
    end(to);
    throw api_exception(501, "Lists can be watched only where the database is.");
  }
  if (found->result == list_state::outcome::failed) {
    end(to);
    throw service_unavailable();
  }
  to->is_open = true;
  if (live != nullptr) {
    live->status = 200;
  }
  send_state_or_end(to, *found, !since.empty());
}

void list_delivery::end_all(const std::string& errors, int status) {
  while (!watched_.empty()) {
    watch_ptr x = watched_.begin()->second;
    end(x);
    session_->send(envelope(errors, "null", x->action, status, x->request_id));
  }
}

task<list_state_ptr> list_delivery::begin(watch_ptr x, std::string since) {
  if (watched_.size() >= most_lists) {
    throw limit_exceeded(fmt::format("Ensure that at most {} lists are watched.", most_lists));
  }
  bool is_new = !is_in(x->group);
  x->fixed_cost = cost_of(x->request_id, x->group);
  context_->budget().keep(x->fixed_cost, is_new ? 1 : 0);
  x->kept = x->fixed_cost;
  x->groups = is_new ? 1 : 0;
  watched_.insert_or_assign(x->request_id, x);
  by_group_[x->group].push_back(x);
  if (is_new) {
    join_call joining{*context_, x->group, *member_};
    co_await joining;
  }
  if (x->is_ended) {
    co_return nullptr;
  }
  context_->watch_positions(*member_);
  list_call asking{*context_,
                   {.group = x->group, .query = x->what.query, .since = std::move(since)}};
  co_return co_await asking;
}

bool list_delivery::is_in(const group_name& group) const { return by_group_.contains(group); }

void list_delivery::end(const watch_ptr& x) {
  if (x->is_ended) {
    return;
  }
  x->is_ended = true;
  if (auto found = watched_.find(x->request_id); found != watched_.end() && found->second == x) {
    watched_.erase(found);
  }
  auto groups = x->groups;
  if (auto found = by_group_.find(x->group); found != by_group_.end()) {
    std::erase(found->second, x);
    if (found->second.empty()) {
      by_group_.erase(found);
      context_->leave(x->group, *member_);
    } else if (groups > 0) {
      // The next one stands for the group.
      found->second.front()->groups = std::exchange(groups, 0);
    }
  }
  context_->budget().release(std::exchange(x->kept, 0), groups);
}

// Lists are kept once for all who watch them, and counted for each: nobody knows who stays.
void list_delivery::hold(watch_state& x, std::size_t bytes_of_rows) {
  auto cost = x.fixed_cost + bytes_of_rows;
  if (cost > x.kept) {
    context_->budget().keep(cost - x.kept);
  } else {
    context_->budget().release(x.kept - cost);
  }
  x.kept = cost;
}

bool list_delivery::has_room(watch_state& x, const list_steps& steps) {
  try {
    hold(x, steps.held);
    return true;
  } catch (const limit_exceeded&) {
    return false;
  }
}

// It has grown beyond what the connection may hold.
void list_delivery::end_too_large(const watch_ptr& x) {
  end(x);
  tell_too_large(*x);
}

void list_delivery::tell_too_large(const watch_state& x) {
  static const auto errors =
      error_report{429, "The lists that this connection watches have grown too large."}.list();
  session_->send(envelope(errors.str(), "null", x.action, 429, x.request_id));
}

void list_delivery::end(const std::optional<std::string>& request_id) {
  if (request_id) {
    if (auto found = watched_.find(*request_id); found != watched_.end()) {
      end(watch_ptr{found->second});
    }
    return;
  }
  while (!watched_.empty()) {
    end(watch_ptr{watched_.begin()->second});
  }
}

// -- what is sent ---------------------------------------------------------------------------------

std::string list_delivery::data_of(const watch_state& x, const list_state& state) const {
  if (state.data) {
    return *state.data;
  }
  std::string result = "[";
  for (const auto& each : state.rows) {
    result += result.size() > 1 ? "," : "";
    result += x.what.show(*each);
  }
  return result + ']';
}

void list_delivery::send_state(watch_state& x, const list_state& state, bool is_resuming) {
  hold(x, state.held);
  x.revision = state.revision;
  x.reached = state.at;
  bool is_resumed = state.result == list_state::outcome::resumed;
  std::string members;
  if (is_resumed) {
    members = R"("resumed":true)";
  } else if (is_resuming) {
    members = fmt::format(R"("resumed":false,"reason":"{}")", reason_of(state.result));
  }
  if (state.at) {
    members += members.empty() ? "" : ",";
    members += internal::at_member(*state.at);
  }
  auto frame = envelope_head("[]", is_resumed ? "null" : data_of(x, state), x.action, 200);
  session_->send(frame + x.request_id + internal::live_tail(members));
}

// What rows look like may be the application's own code, which may fail.
void list_delivery::send_state_or_end(const watch_ptr& x, const list_state& state,
                                      bool is_resuming) {
  try {
    send_state(*x, state, is_resuming);
  } catch (...) {
    end(x);
    throw;
  }
}

void list_delivery::send(const watch_state& x, const list_step& step) {
  auto head = step.head;
  if (!head) {
    head = std::make_shared<const std::string>(envelope_head(
        "[]", x.what.show(*step.shown), fmt::format("\"{}\"", to_string(step.kind)), 200));
  }
  session_->send(std::move(head), x.request_id + step.tail);
}

// -- what becomes of lists ------------------------------------------------------------------------

// Whether a message is the way from what the client has. What was lost makes it load anew.
bool list_delivery::is_next(watch_state& x, const group_message& message) {
  if (!x.is_open || x.is_behind) {
    return false;
  }
  const auto* steps = message.is_loss ? nullptr : steps_of(message);
  if (steps != nullptr && steps->to <= x.revision) {
    return false;
  }
  x.is_behind = steps == nullptr || steps->from != x.revision;
  return !x.is_behind;
}

bool list_delivery::tell(const group_message_ptr& message) {
  auto found = by_group_.find(message->target);
  if (found == by_group_.end()) {
    return true;
  }
  const auto* steps = message->is_loss ? nullptr : steps_of(*message);
  bool is_long = steps != nullptr
                 && (steps->steps.size() * found->second.size() > list_steps_at_once
                     || steps->bytes * found->second.size() > list_bytes_at_once);
  // What is shown for each by itself may fail, and is told within a run.
  bool is_own = steps != nullptr && std::ranges::any_of(steps->steps, [](const auto& x) {
                  return x.head == nullptr;
                });
  if (is_long || is_own) {
    return false;
  }
  std::vector<watch_ptr> too_large;
  for (const auto& to : found->second) {
    if (to->is_open && context_->is_congested()) {
      to->is_behind = true;
    }
    if (is_next(*to, *message)) {
      if (!has_room(*to, *steps)) {
        too_large.push_back(to);
        continue;
      }
      for (const auto& step : steps->steps) {
        send(*to, step);
      }
      to->revision = steps->to;
      to->reached = steps->position;
    }
  }
  for (const auto& each : too_large) {
    end_too_large(each);
  }
  return true;
}

task<> list_delivery::tell_in_turns(group_message_ptr message) {
  auto found = by_group_.find(message->target);
  if (found == by_group_.end()) {
    co_return;
  }
  auto all = found->second;
  for (const auto& to : all) {
    co_await tell_in_turns(to, message);
  }
}

// A whole that was begun is finished.
task<> list_delivery::tell_in_turns(watch_ptr to, group_message_ptr message) {
  if (to->is_ended || !is_next(*to, *message)) {
    co_return;
  }
  const auto* steps = steps_of(*message);
  if (!has_room(*to, *steps)) {
    end_too_large(to);
    co_return;
  }
  std::size_t sent = 0;
  for (const auto& step : steps->steps) {
    if (context_->is_congested()) {
      drain_call draining{*context_};
      co_await draining;
    } else if (++sent % list_steps_at_once == 0) {
      co_await runtime_->sleep(milliseconds{0});
    }
    if (to->is_ended) {
      co_return;
    }
    try {
      send(*to, step);
    } catch (...) {
      end(to);
      throw;
    }
  }
  to->revision = steps->to;
  to->reached = steps->position;
}

void list_delivery::reach(const position_tick& x) {
  if (context_->is_congested()) {
    return;
  }
  for (const auto& [id, to] : watched_) {
    if (to->is_open && !to->is_behind && to->reached && to->reached->order <= x.older_than
        && to->reached->order <= x.position->order) {
      to->reached = x.position;
      session_->send(list_position_head(),
                     id + internal::live_tail(internal::at_member(*x.position)));
    }
  }
}

// -- catching up ----------------------------------------------------------------------------------

void list_delivery::fall_behind() {
  for (const auto& [id, x] : watched_) {
    x->is_behind = x->is_open;
  }
}

bool list_delivery::has_behind() const noexcept {
  return std::ranges::any_of(watched_, [](const auto& x) { return x.second->is_behind; });
}

task<> list_delivery::catch_up() {
  std::vector<watch_ptr> behind;
  for (const auto& [id, x] : watched_) {
    if (x->is_behind) {
      behind.push_back(x);
    }
  }
  for (const auto& x : behind) {
    co_await catch_up(x);
  }
}

task<> list_delivery::catch_up(watch_ptr x) {
  for (auto pause = first_list_pause; x->is_behind && !x->is_ended;) {
    if (context_->is_congested()) {
      drain_call draining{*context_};
      co_await draining;
    }
    x->is_behind = false;
    list_call asking{*context_, {.group = x->group, .query = x->what.query}};
    auto found = co_await asking;
    if (x->is_ended) {
      co_return;
    }
    if (!found || found->result == list_state::outcome::failed) {
      x->is_behind = true;
      co_await runtime_->sleep(pause);
      pause = std::min(pause * 2, longest_list_pause);
    } else if (found->revision != x->revision) {
      try {
        send_state_or_end(x, *found, true);
      } catch (const limit_exceeded&) {
        tell_too_large(*x);
      }
    }
  }
}

} // namespace dcrf
