#include "dcrf/model/described.hpp"

#include <vector>

// Models, signals and observers are named after their types, by compilers that write these in
// different ways.

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
auto local() {
  struct here {};
  return here{};
}

} // namespace outer

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
