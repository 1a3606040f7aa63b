#pragma once

#include <string>
#include <string_view>

namespace dcrf::internal {

/// Tells whoever started this process how it is, as systemd wants to know (`NOTIFY_SOCKET`,
/// sd_notify(3)). If nobody wants to, nothing is done.
class service_manager {
public:
  /// Processes that this one starts do not talk to it.
  service_manager();

  void ready() const { tell("READY=1"); }
  /// Between this and the next `ready`, the configuration is read again.
  void reloading() const;
  void stopping() const { tell("STOPPING=1"); }

private:
  void tell(std::string_view state) const;

  std::string socket_;
};

} // namespace dcrf::internal
