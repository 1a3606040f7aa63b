#pragma once

#include "dcrf/actors/cluster/internal/remote_repositories.hpp"
#include "dcrf/actors/cluster/internal/remote_sessions.hpp"

namespace dcrf::cluster {

/// What actors of this node reach at another one: at the node of a name, whichever process that is.
struct remote_node {
  remote_repositories repositories;
  remote_sessions sessions;

  void lost() {
    repositories.lost();
    sessions.lost();
  }

  void stop() {
    repositories.stop();
    sessions.stop();
  }
};

} // namespace dcrf::cluster
