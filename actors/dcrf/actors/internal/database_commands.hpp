#pragma once

#include "dcrf/actors/config.hpp"
#include "dcrf/actors/internal/declarations.hpp"

#include <exception>
#include <string>

// What a program does with its database instead of serving. What goes wrong is a line on standard
// error.
namespace dcrf::internal {

/// Prints what has to be done to the database, and does nothing of it.
/// @returns the exit code of the program
int print_plan(const actor_system_config& config, const declarations& declared);

/// Writes all rows to the file that `--dump` names, or reads those of `--load`.
/// @returns the exit code of the program
int move_rows(const actor_system_config& config, const declarations& declared);

/// What went wrong with a database, which is named without its password.
[[nodiscard]] std::string text_of(const actor_system_config& config, const std::exception& failure);

} // namespace dcrf::internal
