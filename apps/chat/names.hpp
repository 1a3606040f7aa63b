#pragma once

#include <optional>
#include <string>
#include <string_view>

// Names that people see and tell apart by looking at them.

namespace chat {

/// What makes a title unfit to be read, in words: signs that can't be seen, that control the text
/// or turn its direction, tabs and ends of lines aside. Nothing if it is fit.
/// @param title UTF-8
[[nodiscard]] std::optional<std::string> fault_of_title(std::string_view title);

/// The same for the name of a user, which is of one line, and has letters of one script.
/// @param name UTF-8
[[nodiscard]] std::optional<std::string> fault_of_name(std::string_view name);

/// The same for two names that look alike: without regard to case, to the ways in which Unicode
/// writes the same letter, to the number of blanks, and to the script of letters that look like
/// Latin ones.
/// @param name UTF-8
[[nodiscard]] std::string key_of_name(std::string_view name);

} // namespace chat
