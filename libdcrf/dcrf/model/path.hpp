#pragma once

#include "dcrf/model/model.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <type_traits>

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

/// The model whose rows are the links of a many-to-many member; void where they are none.
template <class Option>
struct link_model {
  using type = void;
};
template <auto Source, auto Target>
struct link_model<through<Source, Target>> {
  using type = class_of<Source>;
};
template <auto Member, class... Options>
struct link_model<relation<Member, Options...>> {
  using given =
      boost::mp11::mp_remove<boost::mp11::mp_list<typename link_model<Options>::type...>, void>;
  using type = boost::mp11::mp_front<boost::mp11::mp_push_back<given, void>>;
};
template <auto Member>
using link_model_of = typename link_model<declaration<Member>>::type;

template <auto Member>
constexpr const relation_descriptor& relation_of() {
  return *std::ranges::find(model_tables<class_of<Member>>::relations, name_of<Member>(),
                            &relation_descriptor::name);
}

/// Whether a link of the relation may be made of the two keys alone: it has no other column that
/// somebody must give.
template <auto Member>
constexpr bool links_by_keys_alone = [] {
  if constexpr (!std::is_void_v<link_model_of<Member>>) {
    constexpr auto& relation = relation_of<Member>();
    constexpr auto& fields = model_tables<link_model_of<Member>>::fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto& field = fields[i];
      auto is_made = field.is_primary_key && field.type != field_type::text;
      auto may_be_missing = field.is_nullable || field.has_default || field.allows_blank
                            || field.automatic != auto_time::never || is_made;
      if (!may_be_missing && i != relation.source_field && i != relation.target_field) {
        return false;
      }
    }
  }
  return true;
}();

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
