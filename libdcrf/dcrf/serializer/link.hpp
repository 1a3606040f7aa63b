#pragma once

#include "dcrf/serializer/field.hpp"

#include <array>
#include <concepts>
#include <cstddef>

namespace dcrf {

// Links, as in hypermedia channels: `{"stream": S, "payload": {"action": A, "pk": 1}}`, which a
// client of a multiplexed connection can send as it is. Unless an option says otherwise, S is the
// first stream over the model linked to (null where there is none), and A is `retrieve`, or `list`
// for a link to many.

// -- options --------------------------------------------------------------------------------------

/// The stream that a link leads to.
template <text_literal Name>
struct link_stream {
  static constexpr void apply(serializer_field& field) { field.link.stream = Name.view(); }
};

/// The action that a link asks for.
template <text_literal Name>
struct link_action {
  static constexpr void apply(serializer_field& field) { field.link.action = Name.view(); }
};

/// An argument of a link, whose value is a member of the row that shows it, or of one behind its
/// foreign keys: `link_lookup<"username", &profile::user, &user::username>`. With at least one of
/// them the argument `pk` is left out.
template <text_literal Argument, auto... Members>
struct link_lookup {
  static_assert(sizeof...(Members) > 0, "dcrf: link_lookup<argument, members...> wants a member");
};

// -- declarations of fields -----------------------------------------------------------------------

/// The link to the row itself, shown as `@id`. Read-only. As `using listed = identity<…>` in a
/// serializer it is all that a list shows of its rows.
template <class... Options>
struct identity {};

/// A link to the row that a foreign key refers to, null if there is none; or one to the rows of a
/// many-to-many member. In the input it is a primary key or a link to one row (a list of these for
/// many); the links of the input are looked up by the argument that their stream looks rows up by.
template <auto Member, class... Options>
struct link {};

/// One link to the rows that refer to the row by their foreign key `Member`. Read-only.
template <text_literal Name, auto Member, class... Options>
struct link_to_referrers {};

/// One link to the rows whose many-to-many member `Member` has the row at its far side. Read-only.
template <text_literal Name, auto Member, class... Options>
struct link_to_related {};

} // namespace dcrf
