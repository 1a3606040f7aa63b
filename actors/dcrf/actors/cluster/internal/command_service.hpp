#pragma once

#include "dcrf/actors/cluster/internal/links.hpp"
#include "dcrf/actors/store/internal/repository_source.hpp"
#include "dcrf/model/bytes.hpp"
#include "dcrf/store/command.hpp"
#include "dcrf/store/schema.hpp"

#include <caf/actor_addr.hpp>
#include <caf/event_based_actor.hpp>

#include <cstdint>
#include <functional>
#include <utility>

namespace dcrf::cluster {

/// Has the repositories of this node execute what other nodes ask for, and answers. Used on the
/// node's thread.
class command_service {
public:
  /// Calls `done` on the node's thread when all changes of rows are announced that were committed,
  /// by whomever.
  using catch_up_function = std::function<void(std::function<void()> done)>;

  /// @param asker the actor that asks the repositories
  /// @param others, self outlive this
  /// @param local the database of this node; null if it has none
  command_service(caf::event_based_actor& asker, const links& others, const identity& self,
                  const schema& models, const repository_source* local, catch_up_function catch_up)
      : asker_(&asker),
        links_(&others),
        self_(&self),
        models_(&models),
        local_(local),
        catch_up_(std::move(catch_up)) {}

  /// A node is lost: its transactions are rolled back.
  void lost(const link& with) const;

  // -- what others say ----------------------------------------------------------------------------

  void execute(const link& from, byte_reader& in) const;
  void abandon(link& from, byte_reader& in) const;
  void catch_up(const link& from, byte_reader& in) const;

private:
  // What a command does to the transaction that it is in.
  enum class effect : std::uint8_t { none, begins, ends };

  // A command as it was asked for.
  struct question {
    caf::actor_addr asker;
    std::uint64_t id = 0;
    effect kind = effect::none;
    std::uint64_t transaction = 0;
  };

  [[nodiscard]] link* find_linked(const caf::actor_addr& who) const;
  [[nodiscard]] std::uint64_t version() const;
  static effect effect_of(const command& x);
  command read(const link& from, byte_reader& in) const;
  void executed(const question& asked, const store_result& x) const;
  void note_transaction(link* from, const question& asked, const store_result& x) const;
  void roll_back(std::uint64_t transaction) const;

  caf::event_based_actor* asker_;
  const links* links_;
  const identity* self_;
  const schema* models_;
  const repository_source* local_;
  catch_up_function catch_up_;
};

} // namespace dcrf::cluster
