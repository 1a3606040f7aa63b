#pragma once

#include "dcrf/runtime/context.hpp"
#include "dcrf/runtime/repository.hpp"
#include "dcrf/runtime/task.hpp"

#include <chrono>
#include <concepts>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace dcrf {

/// What actions, hooks and HTTP handlers may await. It belongs to one session or HTTP request, and
/// is used on its thread.
class runtime {
public:
  explicit runtime(context& where) : context_(&where) {}

  /// The repository of a model: its rows, read and written.
  template <class T>
  [[nodiscard]] auto repository() const {
    static_assert(model_type<T>,
                  "dcrf: a repository is one of a model, and this struct is none: specialise "
                  "dcrf::model<T> for it, with a `table` and a `primary_key`");
    if constexpr (model_type<T>) {
      return dcrf::repository<T>{*context_};
    }
  }

  /// The rows that the many-to-many relation `Member` relates to the row with key `x`.
  template <auto Member>
  [[nodiscard]] related_rows<Member> related(key x) const {
    return related_rows<Member>{*context_, std::move(x)};
  }

  /// `co_await sleep(200ms)`: other actions and events of the session wait too, unless the action
  /// is detached.
  sleep_call sleep(std::chrono::milliseconds duration) const { return {*context_, duration}; }

  /// `co_await offload(work)` runs a function that blocks or computes for long on another
  /// thread. It may outlive the action, so it must not use anything of the session.
  template <std::invocable Function>
  offload_call<Function> offload(const Function& work) const {
    return {*context_, work};
  }

  /// Runs `body`, a function that returns a task<>, as one transaction: commands that it awaits are
  /// committed together when it ends, or rolled back when it throws. Other writers wait meanwhile,
  /// so it should not await anything but the store. Within a transaction it is a savepoint: what
  /// `body` did is undone when it throws, and the transaction goes on.
  /// @throws what `body` throws; store_failure if the transaction can't be committed
  template <std::invocable Function>
  task<> atomic(Function body) const {
    co_await begin();
    std::exception_ptr error;
    try {
      co_await body();
    } catch (...) {
      error = std::current_exception();
    }
    co_await end(error == nullptr);
    if (error) {
      std::rethrow_exception(error);
    }
  }

  /// Runs `body`, a function that returns a task<std::string>, as one transaction that is done
  /// once, however often it is asked for: on other connections and nodes, and after a crash, too.
  /// Where it is being done just now, this waits.
  /// @returns what `body` returned, now or when it was done
  /// @throws what `body` throws, or store_failure: nothing was done, and nothing is kept then;
  ///         api_exception (409) if something else was done under that name
  template <std::invocable Function>
  task<std::string> once(once_claim x, Function body) const {
    auto before = co_await begin_once(std::move(x));
    if (before) {
      co_return *std::move(before);
    }
    std::exception_ptr error;
    std::string reply;
    try {
      reply = co_await body();
    } catch (...) {
      error = std::current_exception();
    }
    co_await end(error == nullptr, reply);
    if (error) {
      std::rethrow_exception(error);
    }
    co_return reply;
  }

  // gcc 12 destroys a lambda that is made within a co_await expression twice, with what it
  // captures.
  template <class Function>
    requires(!std::is_lvalue_reference_v<Function>)
  std::suspend_never offload(Function&&) const {
    static_assert(detail::never<Function>, "dcrf: give the function a name first: `auto work = "
                                           "[...] { ... }; co_await runtime().offload(work);`");
    return {};
  }
  template <class Function>
    requires(!std::is_lvalue_reference_v<Function>)
  std::suspend_never atomic(Function&&) const {
    static_assert(detail::never<Function>, "dcrf: give the function a name first: `auto body = "
                                           "[&]() -> dcrf::task<> { ... }; co_await "
                                           "runtime().atomic(body);`");
    return {};
  }

  /// Sends JSON to all members of a free group: each gets it as a frame, or as its consumer's
  /// `received` makes of it.
  void group_send(std::string name, json_text message) const;

  /// Sends JSON to all connections of a user, on all nodes, whose consumers have awaited
  /// `join_user_group`: each gets it as a message of a free group.
  /// @param user the primary key that `authenticate` gives, `user_info::pk`
  void send_to_user(const key& user, json_text message) const;

  [[nodiscard]] context& where() const noexcept { return *context_; }

private:
  task<> begin() const;
  task<std::optional<std::string>> begin_once(once_claim x) const;
  task<once_result_ptr> open(begin_command x) const;
  task<> end(bool commit, std::string reply = {}) const;

  context* context_;
};

} // namespace dcrf
