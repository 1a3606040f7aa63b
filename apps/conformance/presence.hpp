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
  struct arrival {
    std::string key;
    std::string name;
    BOOST_DESCRIBE_CLASS(arrival, (), (key, name), (), ())
  };

  struct place {
    std::string key;
    BOOST_DESCRIBE_CLASS(place, (), (key), (), ())
  };

  /// Answered with who was there before.
  dcrf::task<dcrf::response> enter(arrival args);
  dcrf::response list(place args);

  using actions = dcrf::actions<dcrf::action<"enter", &presence_consumer::enter>,
                                dcrf::action<"list", &presence_consumer::list>>;

private:
  std::vector<dcrf::presence_entry> entered_;
};

} // namespace conformance
