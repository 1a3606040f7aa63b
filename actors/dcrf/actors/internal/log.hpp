#pragma once

#include <string_view>

namespace dcrf {

/// Sets up the log of the process: to stderr, one line per entry, from `level` on.
/// @param level One of `log_levels`.
/// @returns Whether there is such a level; otherwise nothing is changed.
bool set_up_log(std::string_view level);

/// The names that `set_up_log` takes, for help texts.
inline constexpr std::string_view log_levels = "trace, debug, info, warning, error, critical, off";

} // namespace dcrf
