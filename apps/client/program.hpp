#pragma once

#include "client/command_line.hpp"

namespace client {

/// Does what the command line says, and answers the exit status.
int run(const command_line& line);

} // namespace client
