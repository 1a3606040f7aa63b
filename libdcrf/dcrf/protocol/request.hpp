#pragma once

#include "dcrf/json/json_reader.hpp"
#include "dcrf/protocol/scope.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dcrf {

/// Parses the frames of all sessions of one thread, and knows which text was read last.
class frame_reader {
public:
  json_view read(std::string_view text) {
    ++generation_;
    return reader_.read(text);
  }

  /// Gives back the memory that a long frame took.
  void give_back() {
    if (reader_.give_back()) {
      ++generation_;
    }
  }

  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }

private:
  json_reader reader_;
  // Not 0, which is that of a request that was never read.
  std::uint64_t generation_ = 1;
};

struct selection;

/// What permissions and a queryset that await have said of a request.
struct request_answers {
  bool is_allowed = false;
  /// Null if the queryset does not await.
  std::shared_ptr<const selection> rows{};
};

/// One request of a client, as an action sees it. It lives as long as its action runs.
class request {
public:
  /// A request that no frame asked for: an event, or a hook.
  request(const dcrf::scope& connection, frame_reader& reader);

  /// Parses a frame.
  /// @param member where in the frame the request is; the whole frame if empty
  /// @throws json_error, parse_error if it is no JSON object; the request is an empty one then
  void parse(std::string frame, std::string_view member = {});

  /// The name of the action, unescaped. It need not be one of the consumer's.
  [[nodiscard]] const std::string& action() const noexcept { return action_; }
  void action(std::string name);
  /// What stands for the name, whatever it is; null for none.
  void action_value(const json_text& x);

  /// Whether `action` is the name of one: what came as a number, say, is shown as text and names
  /// none.
  [[nodiscard]] bool names_action() const noexcept { return names_action_; }

  /// The action and the request id as they came: JSON text, `null` if missing.
  [[nodiscard]] const std::string& action_text() const noexcept { return action_text_; }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  /// The request id, or nothing if it is missing or null.
  [[nodiscard]] std::optional<std::string> optional_id() const;

  /// Everything but the action and the request id, as a tree.
  [[nodiscard]] json arguments() const;

  /// Whether there is a member `live`.
  [[nodiscard]] bool has_live() const noexcept { return has_live_; }

  /// Whether there is a member `once`.
  [[nodiscard]] bool has_once() const noexcept { return has_once_; }

  /// One argument; the view is valid until the action awaits something.
  [[nodiscard]] std::optional<json_view> argument(std::string_view name) const;

  /// All members of the request; the view is valid until the action awaits something.
  [[nodiscard]] json_view body() const;

  /// The bytes of the frame that the request came in.
  [[nodiscard]] std::size_t size() const noexcept { return frame_.size(); }

  /// The frame, and where in it the request is: as `parse` takes them.
  [[nodiscard]] const std::string& frame() const noexcept { return frame_; }
  [[nodiscard]] std::string_view member() const noexcept { return member_; }

  /// What was asked before the action runs; nobody is allowed anything so long.
  [[nodiscard]] const request_answers& answers() const noexcept { return answers_; }
  void answers(request_answers x) noexcept { answers_ = std::move(x); }

  [[nodiscard]] const dcrf::scope& scope() const noexcept { return *scope_; }
  [[nodiscard]] const dcrf::user_info& user() const noexcept { return scope_->user; }

private:
  const dcrf::scope* scope_;
  frame_reader* reader_;
  std::string frame_ = "{}";
  // Of a literal.
  std::string_view member_;
  std::string action_;
  bool names_action_ = false;
  bool has_live_ = false;
  bool has_once_ = false;
  std::string action_text_ = "null";
  std::string id_ = "null";
  request_answers answers_{};
  mutable json_view body_{};
  mutable std::uint64_t generation_ = 0;
};

} // namespace dcrf
