#pragma once

#include "dcrf/actors/groups/internal/group_directory.hpp"
#include "dcrf/actors/groups/internal/io_services.hpp"
#include "dcrf/actors/messages.hpp"
#include "dcrf/actors/store/internal/direct_reads.hpp"
#include "dcrf/actors/store/internal/pipelined_reads.hpp"
#include "dcrf/actors/store/internal/repository_source.hpp"
#include "dcrf/actors/threads/internal/worker_pool.hpp"
#include "dcrf/runtime/context.hpp"

#include <boost/container/flat_map.hpp>
#include <caf/actor_cast.hpp>
#include <caf/atom.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace dcrf {

namespace detail {

/// The model that a command is for; null for those that open or end a transaction.
const model_descriptor* model_of_command(const command& x) noexcept;

void log_failure(std::string_view where, const std::exception_ptr& error);

} // namespace detail

/// How long offloaded work waits for a free thread, before its action is answered 503. Longer than
/// a few logins before it take, shorter than people wait.
constexpr std::chrono::seconds longest_wait_for_thread{10};

/// What an actor_context sends itself to quit; its behavior has to handle it.
using quit_atom = caf::atom_constant<caf::atom("quit")>;

/// What all actors are that run coroutines: an actor of an I/O thread that is the context of what
/// it runs. `Context` is context or session_context.
template <class Context>
class actor_context : public pinned_actor, public Context {
public:
  actor_context(caf::actor_config& config, pinning_unit& unit, io_services& services)
      : pinned_actor(config, unit), services_(&services) {}

  // -- implementation of context ------------------------------------------------------------------

  void submit(command x, ticket answer) override {
    if (reads_beside_store(x)) {
      if (auto result = services_->reads ? services_->reads->execute(x) : std::nullopt) {
        this->finish(answer, std::move(*result));
        return;
      }
      if (services_->pipeline) {
        read_in_pipeline(std::move(x), answer);
        return;
      }
    }
    const auto* model = detail::model_of_command(x);
    // Transactions belong to no model: any repository opens and ends them.
    const auto& repository = model != nullptr ? services_->store.repository(*model)
                                              : services_->store.repositories().at(0);
    bool is_opening = std::holds_alternative<begin_command>(x.body);
    openings_ += is_opening ? 1 : 0;
    ++unanswered_;
    this->request(repository, caf::infinite, std::move(x))
        .then(
            [this, answer, is_opening](store_result& result) {
              --unanswered_;
              this->finish(answer, std::move(result));
              answered(is_opening);
            },
            [this, answer, is_opening](const caf::error&) {
              --unanswered_;
              this->finish(answer, unavailable("the store has stopped"));
              answered(is_opening);
            });
  }

  void sleep(std::chrono::milliseconds duration, ticket answer) override {
    timers_[answer] = services_->thread.after(duration, [this, answer] {
      timers_.erase(answer);
      this->finish(answer, {});
    });
  }

  /// Answers with `unavailable` if no thread was free in time, or too much waits already.
  void offload(std::function<void()> work, ticket answer) override {
    auto self = caf::actor_cast<caf::strong_actor_ptr>(this);
    auto answer_with = [this, self, answer](std::optional<store_result> result) {
      services_->thread.post([this, self, answer, result = std::move(result)] {
        if (!is_ended_) {
          timers_.erase(answer);
          this->finish(answer, result ? *result : no_thread());
        }
      });
    };
    bool is_taken =
        services_->workers.post({.owner = this->id(),
                                 .number = answer,
                                 .run =
                                     [work = std::move(work), answer_with] {
                                       work();
                                       answer_with(store_result{});
                                     },
                                 .dropped = [answer_with] { answer_with(std::nullopt); }});
    if (!is_taken) {
      this->finish(answer, no_thread());
      return;
    }
    timers_[answer] = services_->thread.after(longest_wait_for_thread, [this, answer] {
      timers_.erase(answer);
      if (services_->workers.withdraw(this->id(), answer)) {
        this->finish(answer, no_thread());
      }
    });
  }

  void forget(ticket answer) override {
    if (timers_.erase(answer) > 0) {
      services_->workers.withdraw(this->id(), answer);
    }
  }

  channel_layer& channels() override { return services_->directory; }

  void abandon(std::uint64_t transaction) override {
    caf::anon_send(services_->store.repositories().front(), abandon_transaction{transaction});
  }

  void log_failure(std::string_view where, const std::exception_ptr& error) override {
    detail::log_failure(where, error);
  }

  frame_reader& reader() override { return services_->reader; }

  shared_reads* reads_in_common() override { return &services_->groups.reads(); }

  // -- implementation of caf::event_based_actor ---------------------------------------------------

  /// One of these ends with each connection. None has a timeout in CAF's clock: `sleep` is a timer
  /// of the thread, and requests to repositories wait without a limit.
  bool cleanup(caf::error&& reason, caf::execution_unit* host) override {
    return clean_up_without_clock(std::move(reason), host);
  }

protected:
  [[nodiscard]] io_services& services() const noexcept { return *services_; }

  /// Ends the actor when no transaction is being opened for it any more: one that was opened for an
  /// actor that is gone would hold up all writers. An actor can quit only while it handles a
  /// message.
  void quit_later() {
    is_quitting_ = true;
    if (openings_ == 0) {
      caf::anon_send(this, quit_atom::value);
    }
  }

  /// To be called in `on_exit`, after the coroutines are gone.
  void end() {
    is_ended_ = true;
    timers_.clear();
    services_->workers.withdraw(this->id());
  }

private:
  // A read that comes after a write must see it, so it goes the way of the write.
  [[nodiscard]] bool reads_beside_store(const command& x) const {
    return (services_->reads || services_->pipeline) && unanswered_ == 0 && x.transaction == 0
           && !is_write(x);
  }

  void read_in_pipeline(command x, ticket answer) {
    auto self = caf::actor_cast<caf::strong_actor_ptr>(this);
    services_->pipeline->submit(std::move(x), [this, self, answer](store_result result) {
      if (!is_ended_) {
        this->finish(answer, std::move(result));
      }
    });
  }

  void answered(bool is_opening) {
    openings_ -= is_opening ? 1 : 0;
    if (is_opening && is_quitting_) {
      quit_later();
    }
  }

  static store_result unavailable(std::string text) {
    store_result result;
    result.error = store_error{.code = store_errc::unavailable, .text = std::move(text)};
    return result;
  }

  static store_result no_thread() { return unavailable("no thread was free for offloaded work"); }

  io_services* services_;
  bool is_ended_ = false;
  bool is_quitting_ = false;
  // The transactions that the store was asked to open, and has not answered yet.
  std::size_t openings_ = 0;
  // What the store was asked and has not answered yet.
  std::size_t unanswered_ = 0;
  // Of `sleep` and `offload`.
  boost::container::flat_map<ticket, timer_handle> timers_;
};

} // namespace dcrf
