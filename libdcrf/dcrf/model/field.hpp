#pragma once

#include "dcrf/model/text_literal.hpp"
#include "dcrf/model/value_traits.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace dcrf {

template <class T>
struct model;
struct condition;
template <class T>
struct condition_on;

/// A many-to-many relation to `Target`, as a member of a model's struct. It holds nothing: the rows
/// related are in a link table.
template <class Target>
struct many_to_many {
  using target_type = Target;

  friend bool operator==(const many_to_many&, const many_to_many&) = default;
};

// -- options of fields ----------------------------------------------------------------------------

/// No two rows have the same value. Nulls are not compared.
struct unique {
  static constexpr void apply(field_descriptor& field) { field.is_unique = true; }
};

/// No two rows have the same values in these members together, as Django's `unique_together`. Rows
/// in which one of them is null are not compared.
///
///     using constraints = dcrf::constraints<dcrf::unique_together<&seat::row, &seat::number>>;
template <auto... Members>
struct unique_together {
  static_assert(sizeof...(Members) > 1, "dcrf: unique_together<> wants several members");
};

/// A condition that holds for every row, as Django's `CheckConstraint`: the database keeps it,
/// whoever writes. `Holds` is a function that says it in terms of queries; a condition on rows
/// elsewhere is none that a row can keep. Input that violates it is answered with 400.
///
///     dcrf::condition_on<seat> has_row() { return dcrf::column<&seat::row> > 0; }
///     using constraints = dcrf::constraints<dcrf::check<"seat_has_row", &has_row>>;
///
/// @tparam Name names the constraint in the database and in messages; once in a database
template <text_literal Name, auto Holds>
struct check {
  static constexpr auto name = Name;
  static condition holds();
};

/// What holds for a model's rows beyond each field alone.
template <class... Constraints>
struct constraints {};

/// An index over the column. Unique fields and foreign keys have one anyway.
struct indexed {
  static constexpr void apply(field_descriptor& field) { field.is_indexed = true; }
};

/// An empty text is allowed, and the field is not required. Of a relation: it may be empty.
struct blank {
  static constexpr void apply(field_descriptor& field) { field.allows_blank = true; }
  static constexpr void apply(relation_descriptor& relation) { relation.allows_blank = true; }
};

/// What a missing value takes is what the struct initializes the member with; so the field is not
/// required.
struct defaulted {
  static constexpr void apply(field_descriptor& field) { field.has_default = true; }
};

/// A text has at most `Length` Unicode code points.
template <std::size_t Length>
struct max_length {
  static constexpr void apply(field_descriptor& field) { field.max_length = Length; }
};

/// A number lies between `Minimum` and `Maximum`, both included.
template <std::int64_t Minimum, std::int64_t Maximum>
struct value_range {
  static_assert(Minimum <= Maximum, "dcrf: value_range<Minimum, Maximum> is empty");
  static constexpr void apply(field_descriptor& field) {
    field.minimum = Minimum;
    field.maximum = Maximum;
  }
};

/// A decimal has at most `Digits` digits, `Places` of them after the point.
template <int Digits, int Places>
struct digits {
  static_assert(0 < Digits && Digits <= decimal::max_digits,
                "dcrf: digits<Digits, Places> allows 1 to 18 digits");
  static_assert(0 <= Places && Places <= Digits,
                "dcrf: digits<Digits, Places> has more places than digits");
  static constexpr void apply(field_descriptor& field) {
    field.digits = Digits;
    field.places = Places;
  }
};

/// A text is one of `Choices`. A described enumeration has its enumerators as choices by itself.
template <text_literal... Choices>
struct choices {
  static constexpr std::string_view values[] = {Choices.view()...};
  static constexpr void apply(field_descriptor& field) {
    field.type = field_type::choice;
    field.choices = values;
  }
};

/// The column's name in SQL, where it is not that of the member.
template <text_literal Name>
struct column_name {
  static constexpr void apply(field_descriptor& field) { field.column = Name.view(); }
};

/// The rows of a many-to-many relation are those of a model with columns of its own, as Django's
/// `through`: `Source` is its foreign key to the relation's own side, `Target` that to the far
/// side.
///
///     dcrf::relation<&room::users, dcrf::through<&membership::room, &membership::user>>
template <auto Source, auto Target>
struct through {
  static constexpr void apply(relation_descriptor& relation);
};

/// The name of a many-to-many relation seen from the other side.
template <text_literal Name>
struct related_name {
  static constexpr void apply(relation_descriptor& relation) {
    relation.related_name = Name.view();
  }
};

// -- declarations of fields -----------------------------------------------------------------------

/// Whether an option may be given to what `Descriptor` describes.
template <class Option, class Descriptor>
concept option_of = requires(Descriptor& x) { Option::apply(x); };

/// A field of a model with options, or a field that a serializer shows. Members that a model does
/// not mention are fields without options.
template <auto Member, class... Options>
struct field {
  static constexpr auto pointer = Member;
  using member_type = type_of<Member>;

  template <class Descriptor>
  static constexpr void apply(Descriptor& descriptor) {
    static_assert(
        (option_of<Options, Descriptor> && ...),
        "dcrf: a field has an option that does not go with it; see what it is declared in, "
        "a model or a serializer");
    if constexpr ((option_of<Options, Descriptor> && ...)) {
      (Options::apply(descriptor), ...);
    }
  }
};

/// A text field.
template <auto Member, class... Options>
struct text_field : field<Member, Options...> {
  static_assert(std::same_as<without_optional<type_of<Member>>, std::string>,
                "dcrf: text_field<&model::member> wants a std::string member");
};

/// A text field that holds an e-mail address.
template <auto Member, class... Options>
struct email_field : text_field<Member, Options...> {
  static constexpr void apply(field_descriptor& descriptor) {
    descriptor.is_email = true;
    text_field<Member, Options...>::apply(descriptor);
  }
};

/// A time that is set when the row is created, and never again.
template <auto Member>
struct auto_now_add : field<Member> {
  static_assert(std::same_as<type_of<Member>, timestamp> || std::same_as<type_of<Member>, date>,
                "dcrf: auto_now_add<&model::member> wants a timestamp or a date member");
  static constexpr void apply(field_descriptor& descriptor) {
    descriptor.automatic = auto_time::on_create;
  }
};

/// A time that is set whenever the row is saved.
template <auto Member>
struct auto_now : field<Member> {
  static_assert(std::same_as<type_of<Member>, timestamp> || std::same_as<type_of<Member>, date>,
                "dcrf: auto_now<&model::member> wants a timestamp or a date member");
  static constexpr void apply(field_descriptor& descriptor) {
    descriptor.automatic = auto_time::on_save;
  }
};

/// A number that each update of the row counts up: what was read can't be written over what others
/// have written meanwhile, since an update that names another version than the row's is a
/// `conflict`. A model has one at the most.
template <auto Member>
struct version : field<Member> {
  static_assert(std::same_as<type_of<Member>, std::int64_t>,
                "dcrf: version<&model::member> wants a std::int64_t member");
  static constexpr void apply(field_descriptor& descriptor) { descriptor.is_version = true; }
};

/// A reference to a row of `Target`, kept as its primary key.
template <auto Member, class Target, on_delete Action, class... Options>
struct foreign_key : field<Member, Options...> {
  using target_type = Target;
  static_assert(Action != on_delete::set_null || value_traits<type_of<Member>>::is_nullable,
                "dcrf: on_delete::set_null wants a std::optional member");
  static constexpr void apply(field_descriptor& descriptor);
};

/// Options for a many-to-many member.
template <auto Member, class... Options>
struct relation : field<Member, Options...> {
  static_assert(
      requires { typename type_of<Member>::target_type; },
      "dcrf: relation<&model::member> wants a many_to_many member");
};

/// The list of a model's fields that need more than their type to be described.
template <class... Fields>
struct fields {};

/// The primary key of a model: a std::int64_t is counted up by the database and never used again, a
/// uuid is random unless given, a std::string is given by whoever creates the row.
template <auto Member>
struct primary_key {
  static constexpr auto pointer = Member;
  using type = type_of<Member>;
  static_assert(std::same_as<type, std::int64_t> || std::same_as<type, std::string>
                    || std::same_as<type, uuid>,
                "dcrf: a primary key is a std::int64_t, a std::string or a dcrf::uuid");
};

} // namespace dcrf
