#pragma once

#include "dcrf/actors/messages.hpp"
#include "dcrf/actors/threads/internal/pinned.hpp"
#include "dcrf/store/internal/command_queue.hpp"

#include <caf/actor_addr.hpp>

#include <cstdint>
#include <functional>

namespace dcrf::internal {

/// The actor that executes the commands on the rows of one model, on the thread of the database.
/// Rolls back the transaction of an actor that is gone.
class model_repository final : public pinned_actor {
public:
  using signatures = repository_actor::signatures;

  using execute_function = std::function<void(command&&, command_queue::completion)>;
  /// Ends an open transaction.
  using abandon_function = std::function<void(std::uint64_t)>;

  model_repository(caf::actor_config& config, pinning_unit& unit, execute_function execute,
                   abandon_function abandon);

  /// Ends a repository, after what is in its mailbox.
  static void end(const repository_actor& x);

  caf::behavior make_behavior() override;

  const char* name() const override { return "dcrf.repository"; }

private:
  void note_open(const caf::actor_addr& opener, std::uint64_t transaction);

  execute_function execute_;
  abandon_function abandon_;
  caf::actor_addr opener_;
  std::uint64_t opened_ = 0;
};

} // namespace dcrf::internal
