#pragma once

#include "dcrf/serializer/serializer_context.hpp"

#include <type_traits>

namespace dcrf::detail {

/// A function of one argument, which may want to know the context too.
template <class F>
struct function_traits {
  static_assert(!std::is_same_v<F, F>,
                "dcrf: this function must be a free or static one that takes one argument, and "
                "perhaps a const dcrf::serializer_context&");

  // For what comes after the error.
  using result = int;
  using first_argument = void;
  static constexpr bool wants_context = false;
  template <auto Function, class Row>
  static int call(const Row&, const serializer_context&) {
    return 0;
  }
};

template <class R, class Argument>
struct function_traits<R (*)(Argument)> {
  using result = R;
  using first_argument = std::remove_cvref_t<Argument>;
  static constexpr bool wants_context = false;

  template <auto Function>
  static R call(const first_argument& x, const serializer_context&) {
    return Function(x);
  }
};

template <class R, class Argument>
struct function_traits<R (*)(Argument, const serializer_context&)> {
  using result = R;
  using first_argument = std::remove_cvref_t<Argument>;
  static constexpr bool wants_context = true;

  template <auto Function>
  static R call(const first_argument& x, const serializer_context& context) {
    return Function(x, context);
  }
};

template <class R, class... Arguments>
struct function_traits<R (*)(Arguments...) noexcept> : function_traits<R (*)(Arguments...)> {};

} // namespace dcrf::detail
