#include "dcrf/actors/store/internal/model_repository.hpp"

#include <caf/atom.hpp>
#include <caf/response_promise.hpp>
#include <caf/send.hpp>
#include <caf/typed_response_promise.hpp>
#include <spdlog/spdlog.h>

#include <utility>
#include <variant>

namespace dcrf::internal {

namespace {

using end_atom = caf::atom_constant<caf::atom("end")>;

} // namespace

model_repository::model_repository(caf::actor_config& config, pinning_unit& unit,
                                   execute_function execute, abandon_function abandon)
    : pinned_actor(config, unit), execute_(std::move(execute)), abandon_(std::move(abandon)) {}

void model_repository::end(const repository_actor& x) {
  caf::anon_send(caf::actor_cast<caf::actor>(x), end_atom::value);
}

caf::behavior model_repository::make_behavior() {
  set_down_handler([this](const caf::down_msg& x) {
    if (x.source == opener_) {
      abandon_(opened_);
    }
  });
  // All sessions depend on it, so it ends with the store thread only.
  set_exit_handler([](const caf::exit_msg&) {
    spdlog::warn("a repository was sent an exit message; it ends with the server only");
  });
  return {
      [this](command& x) {
        caf::actor_addr opener;
        if (std::holds_alternative<begin_command>(x.body) && x.transaction == 0) {
          opener = caf::actor_cast<caf::actor_addr>(current_sender());
        }
        auto promise = make_response_promise<store_result>(); // takes the sender
        execute_(std::move(x), [this, promise, opener](store_result result) mutable {
          if (opener && result.transaction != 0) {
            note_open(opener, result.transaction);
          }
          promise.deliver(std::move(result));
        });
        return promise;
      },
      [this](const abandon_transaction& x) { abandon_(x.transaction); },
      [this](end_atom) { quit(); },
  };
}

// The store has one open transaction at a time, and whoever opened it may be gone already.
void model_repository::note_open(const caf::actor_addr& opener, std::uint64_t transaction) {
  if (opener_) {
    demonitor(opener_);
  }
  opener_ = opener;
  opened_ = transaction;
  // CAF tells nothing of an actor whose last reference is gone.
  if (auto living = caf::actor_cast<caf::strong_actor_ptr>(opener_)) {
    monitor(living);
  } else {
    abandon_(opened_);
  }
}

} // namespace dcrf::internal
