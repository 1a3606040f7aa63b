#pragma once

#include "dcrf/consumer/consumer.hpp"
#include "dcrf/consumer/presence.hpp"

#include <string>
#include <vector>

namespace conformance {

/// Who is where: no part of the contract, but what the tests of several nodes look at. Everybody
/// under a key learns of the others by frames, as a connection is in its presence's group.
class presence_consumer : public dcrf::api_consumer<presence_consumer> {
public:
  /// Answered with who was there before.
  dcrf::task<dcrf::response> enter(std::string key, std::string name);
  dcrf::response list(std::string key);

  using actions = dcrf::actions<dcrf::action<&presence_consumer::enter, "key", "name">,
                                dcrf::action<&presence_consumer::list, "key">>;

private:
  std::vector<dcrf::presence_entry> entered_;
};

} // namespace conformance
