// Paths of requests, against patterns of every converter.
#include "input.hpp"

#include "dcrf/routing/route_pattern.hpp"

#include <array>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const std::array patterns{
      dcrf::route_pattern{"/a/<int:x>/<slug:y>-<str:z>/<path:rest>/end"},
      dcrf::route_pattern{"/<path:a><path:b><str:c><slug:d><int:e>"},
      dcrf::route_pattern{"/<uuid:a>/<b>-<slug:c>-<d>"},
  };
  auto path = fuzz::text_of(bytes, size);
  for (const auto& pattern : patterns) {
    if (auto parameters = pattern.match(path)) {
      for (const auto& [name, value] : *parameters) {
        fuzz::require(!value.empty() && path.find(value) != path.npos);
      }
    }
  }
  // What a client names is no pattern, but what a program declares is refused or taken.
  try {
    dcrf::route_pattern declared{path};
    (void)declared.match("/a/1/b-c/d/e/end");
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
