#include "dcrf/consumer/action_method.hpp"
#include "dcrf/model/described.hpp"

#include <vector>

// Models, signals and observers are named after their types, actions after their methods, by
// compilers that write these in different ways.

namespace outer {

struct plain {};

template <class T>
struct wrapped {
  struct inner {};
  template <class>
  struct deep {};
};

namespace {
struct unnamed {};
} // namespace

template <class T>
struct acting {
  dcrf::response act(T, dcrf::request&) const noexcept { return {}; }
  struct inner {
    void own() {}
  };
};

namespace {
struct unnamed_acting : acting<plain> {
  virtual ~unnamed_acting() = default;
  virtual void overridden() {}
  template <class>
  void generic() {}
};
} // namespace

template <class T>
auto local() {
  struct here {
    void method() {}
  };
  return here{};
}

} // namespace outer

using dcrf::detail::method_name;
using dcrf::detail::qualified_type_name;
using dcrf::detail::type_name;
using outer::plain;

static_assert(qualified_type_name<plain>() == "outer::plain");
static_assert(type_name<plain>() == "plain");
static_assert(type_name<outer::wrapped<plain>>() == "wrapped");
static_assert(type_name<outer::wrapped<plain>::inner>() == "inner");
static_assert(type_name<outer::wrapped<std::vector<plain>>::deep<plain>>() == "deep");
static_assert(type_name<outer::unnamed>() == "unnamed");
static_assert(type_name<decltype(outer::local<plain>())>() == "here");

using outer::acting;
using outer::unnamed_acting;
static_assert(method_name<&acting<plain>::act>() == "act");
static_assert(method_name<&acting<std::vector<plain>>::inner::own>() == "own");
static_assert(method_name<&unnamed_acting::act>() == "act");
static_assert(method_name<&unnamed_acting::overridden>() == "overridden");
static_assert(method_name<&unnamed_acting::generic<plain>>() == "generic");
static_assert(method_name<&decltype(outer::local<plain>())::method>() == "method");
