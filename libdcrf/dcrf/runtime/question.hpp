#pragma once

#include "dcrf/model/expected.hpp"
#include "dcrf/runtime/context.hpp"
#include "dcrf/store/command.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace dcrf {

/// What a list_command finds.
struct found_rows {
  std::vector<row> rows{};
  /// Before limit and offset, if that was asked for.
  std::int64_t count = 0;
};

namespace detail {

// What the answer to a command is, if it is no error.
inline row answer_of(const retrieve_command*, store_result& x) { return std::move(x.rows.front()); }
inline row answer_of(const create_command*, store_result& x) { return std::move(x.rows.front()); }
inline row answer_of(const update_command*, store_result& x) { return std::move(x.rows.front()); }
inline row answer_of(const ensure_command*, store_result& x) { return std::move(x.rows.front()); }
inline row answer_of(const delete_command*, store_result& x) { return std::move(x.rows.front()); }
inline found_rows answer_of(const list_command*, store_result& x) {
  return {std::move(x.rows), x.count};
}
inline std::int64_t answer_of(const count_command*, store_result& x) { return x.count; }

} // namespace detail

/// The answer to a command of one kind.
template <class Command>
using answer_to =
    decltype(detail::answer_of(std::declval<const Command*>(), std::declval<store_result&>()));

/// A value, or the store's error.
template <class T>
using answered = expected<T, store_error>;

/// Awaits what the store answers to a command of one kind; an error is an answer like others. The
/// command belongs to the open transaction of the action.
///
///     question asking{runtime.where(), std::move(retrieve)};
///     auto found = co_await asking; // answered<row>
template <class Command>
class question : public store_question {
public:
  question(context& where, Command x) : store_question(where, to_command(std::move(x))) {}

  answered<answer_to<Command>> await_resume() {
    auto result = store_question::await_resume();
    if (result.error) {
      return unexpected{std::move(*result.error)};
    }
    return detail::answer_of(static_cast<const Command*>(nullptr), result);
  }

private:
  static command to_command(Command x) {
    command result;
    result.body = std::move(x);
    return result;
  }
};

/// At the user's edge, where errors are exceptions.
/// @throws store_failure
template <class T>
T value_or_throw(answered<T> x) {
  if (!x) {
    throw store_failure(std::move(x.error()));
  }
  return std::move(*x);
}
inline void value_or_throw(answered<void> x) {
  if (!x) {
    throw store_failure(std::move(x.error()));
  }
}

} // namespace dcrf
