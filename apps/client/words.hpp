#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace client {

/// Splits a line into words as a shell does: at blanks, outside of '…' and "…"; a backslash takes
/// the next character as it is. Throws `usage_error` if a quote does not end.
std::vector<std::string> split_words(std::string_view line);

} // namespace client
