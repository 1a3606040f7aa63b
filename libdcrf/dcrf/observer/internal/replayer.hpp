#pragma once

#include "dcrf/groups/observer_descriptor.hpp"
#include "dcrf/groups/replay.hpp"
#include "dcrf/store/database.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace dcrf {

/// Finds in the feed what live subscriptions have missed. All who wait when it begins are served by
/// one pass, from the oldest of their positions: what is read grows with the feed, and what is made
/// of it with the changes and groups, not with the number of those who ask. Runs where the store
/// runs.
class replayer {
public:
  using completion = std::function<void(replay_ptr)>;

  /// @param db has a feed; outlives the replayer
  /// @param limit of how many rows a subscription is told at most
  replayer(database& db, std::size_t limit);
  ~replayer();

  void ask(replay_question x, completion done);

  /// Reads a part of the feed, and answers those for whom that was all. All that is answered in one
  /// call is as it was at one position.
  /// @pre no transaction is open
  /// @returns whether there is more to do
  bool step();

private:
  class pass;

  struct asked {
    replay_question question;
    completion done;
  };

  database* db_;
  std::size_t limit_;
  std::vector<asked> waiting_;
  std::unique_ptr<pass> running_;
};

} // namespace dcrf
