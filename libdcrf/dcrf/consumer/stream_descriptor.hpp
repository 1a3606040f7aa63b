#pragma once

#include <memory>
#include <string_view>

namespace dcrf {

class consumer;

/// A stream of a multiplexed connection: its name, and the consumer that serves it.
struct stream_descriptor {
  std::string_view name;
  std::unique_ptr<consumer> (*make)() = nullptr;
};

} // namespace dcrf
