#pragma once

#include "dcrf/model/model.hpp"

#include <concepts>

// Members that lead from the rows of one model to those of another.

namespace dcrf::detail {

// The model at the far side of a many-to-many member; that of the member itself where it is none,
// so that a check can speak first.
template <auto Member>
struct far_side {
  using type = class_of<Member>;
};
template <auto Member>
requires is_relation_member<Member>
struct far_side<Member> {
  using type = typename type_of<Member>::target_type;
};
template <auto Member>
using far_side_of = typename far_side<Member>::type;

/// Whether members lead from one struct to the next over foreign keys.
template <auto From, auto... More>
constexpr bool is_chain = true;
template <auto From, auto To, auto... More>
constexpr bool is_chain<From, To, More...> = [] {
  if constexpr (is_foreign_key_member<From>) {
    return std::same_as<typename target_of<From>::type, class_of<To>> && is_chain<To, More...>;
  } else {
    return false;
  }
}();

} // namespace dcrf::detail
