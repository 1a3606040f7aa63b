#pragma once

#include <vector>

namespace dcrf {

struct observer_descriptor;

/// All observers of the program. From any thread, once `main` has begun.
[[nodiscard]] std::vector<const observer_descriptor*> all_observers();

} // namespace dcrf
