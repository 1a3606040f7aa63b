#pragma once

#include "dcrf/model/declared.hpp"
#include "dcrf/model/field.hpp"
#include "dcrf/model/key.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <span>
#include <string_view>

namespace dcrf {

/// Makes a struct a model, by specialisation:
///
///     template <>
///     struct dcrf::model<room> {
///       static constexpr auto table = "chat_room";
///       using primary_key = dcrf::primary_key<&room::id>;
///       using fields = dcrf::fields<dcrf::text_field<&room::name, dcrf::max_length<255>,
///       dcrf::unique>>;
///     };
///
/// Every described member of the struct is a field. `fields` may be left out, and there may be
/// `constraints` besides.
template <class T>
struct model;

/// A struct that is a model.
template <class T>
concept model_type = requires {
  model<T>::table;
  typename model<T>::primary_key;
};

/// The description of a model.
template <class T>
const model_descriptor& model_of() noexcept;

/// The type of a model's primary key.
template <class T>
using key_of = typename model<T>::primary_key::type;

/// The values of a row, in the order of its model's fields.
template <class T>
record to_record(const T& row);

/// The row with these values. A member that can't hold what is in the database (an enumerator that
/// was removed, a null where there should be none) stays as the struct initializes it.
/// @throws std::bad_variant_access if a value is of another type than its field
template <class T>
T from_record(const record& values);

namespace detail {

template <class T>
constexpr bool is_relation = false;
template <class T>
constexpr bool is_relation<many_to_many<T>> = true;

// What a model may declare besides its table and its key, and words that are nearly right.
struct model_names {
  static constexpr int fields = 0, constraints = 0;

  static constexpr int field = 0, db_table = 0, table_name = 0, pk = 0, key = 0, constraint = 0,
                       unique_together = 0, unique = 0, indexes = 0, ordering = 0, Meta = 0;
};

template <class T>
constexpr bool is_field_list = false;
template <class... Fields>
constexpr bool is_field_list<fields<Fields...>> = true;

/// Refuses what a model declares and the library would not see.
template <class T>
consteval bool is_right_model() {
  static_assert(!std::is_final_v<model<T>>, "dcrf: dcrf::model<T> is not final: leave that out, or "
                                            "the library can't see all that it declares");
  if constexpr (!std::is_final_v<model<T>>) {
    using names = with_names<model<T>, model_names>;
    static_assert(
        requires {
          names::field;
          names::db_table;
          names::table_name;
          names::pk;
          names::key;
          names::constraint;
          names::unique_together;
          names::unique;
          names::indexes;
          names::ordering;
          names::Meta;
        }, "dcrf: this means nothing in a model, which has `table`, `primary_key`, `fields` and "
           "`constraints`; unique_together<> is one of its constraints");
    static_assert(
        requires { names::fields; } || requires { typename model<T>::fields; },
        "dcrf: the model's `fields` are private or no type: write `using fields = "
        "dcrf::fields<...>` in the public part");
    static_assert(
        requires { names::constraints; } || requires { typename model<T>::constraints; },
        "dcrf: the model's `constraints` are private or no type: write `using constraints = "
        "dcrf::constraints<...>` in the public part");
  }
  if constexpr (requires { typename model<T>::fields; }) {
    static_assert(is_field_list<typename model<T>::fields>,
                  "dcrf: the fields of this model are not dcrf::fields<...> of members of its "
                  "struct");
  }
  return true;
}

template <class T>
struct declared_fields {
  using type = fields<>;
};
template <class T>
  requires requires { typename model<T>::fields; }
struct declared_fields<T> {
  using type = std::conditional_t<is_field_list<typename model<T>::fields>,
                                  typename model<T>::fields, fields<>>;
};

template <class T>
struct declared_constraints {
  using type = constraints<>;
};
template <class T>
  requires requires { typename model<T>::constraints; }
struct declared_constraints<T> {
  using type = typename model<T>::constraints;
};

// The index of a member among the fields of its model.
template <auto Member>
consteval std::size_t field_position() {
  static_assert(find_member_name<Member>() != nullptr,
                "dcrf: this member is not listed in its struct's BOOST_DESCRIBE_STRUCT");
  static_assert(!is_relation<type_of<Member>>,
                "dcrf: unique_together<> wants fields, and this member is a relation");
  std::size_t result = 0;
  bool is_found = false;
  boost::mp11::mp_for_each<public_members<class_of<Member>>>([&](auto descriptor) {
    constexpr auto pointer = decltype(descriptor)::pointer;
    is_found = is_found || same_member<pointer, Member>();
    result += is_found || is_relation<type_of<pointer>> ? 0 : 1;
  });
  return result;
}

template <class Constraint>
struct is_unique_set : std::false_type {};
template <auto... Members>
struct is_unique_set<unique_together<Members...>> : std::true_type {};

template <class Constraint>
struct is_check : std::false_type {};
template <text_literal Name, auto Holds>
struct is_check<check<Name, Holds>> : std::true_type {};

template <class Constraint>
using is_constraint =
    std::bool_constant<is_unique_set<Constraint>::value || is_check<Constraint>::value>;

template <class T, class Constraint>
struct unique_fields;
template <class T, auto... Members>
struct unique_fields<T, unique_together<Members...>> {
  static_assert((std::same_as<T, class_of<Members>> && ...),
                "dcrf: unique_together<> wants members of the model's own struct");
  static constexpr std::array<std::size_t, sizeof...(Members)> indices{
      field_position<Members>()...};
};

// The declaration of a member in a list of fields, or a plain one.
template <auto Member, class Fields>
struct declaration_of;
template <auto Member>
struct declaration_of<Member, fields<>> {
  using type = field<Member>;
};
template <auto Member, class First, class... Rest>
struct declaration_of<Member, fields<First, Rest...>>
    : std::conditional_t<same_member<Member, First::pointer>(), std::type_identity<First>,
                         declaration_of<Member, fields<Rest...>>> {};

// The declaration of a member in its model.
template <auto Member>
using declaration =
    typename declaration_of<Member, typename declared_fields<class_of<Member>>::type>::type;

template <auto Member>
constexpr bool is_relation_member = is_relation<type_of<Member>>;

template <auto Member>
constexpr bool is_foreign_key_member = requires { typename declaration<Member>::target_type; };

template <class Declaration>
constexpr bool is_version = false;
template <auto Member>
constexpr bool is_version<version<Member>> = true;

template <auto Member>
constexpr bool is_version_member = is_version<declaration<Member>>;

// The model that a foreign key or a many-to-many member refers to.
template <auto Member>
struct target_of {
  using type = typename declaration<Member>::target_type;
};
template <auto Member>
  requires is_relation_member<Member>
struct target_of<Member> {
  using type = typename type_of<Member>::target_type;
};

template <class T, auto Member>
constexpr field_descriptor build_field() {
  using type = type_of<Member>;
  using traits = value_traits<type>;

  field_descriptor result;
  result.name = name_of<Member>();
  result.column = result.name;
  result.type = traits::type;
  result.is_nullable = traits::is_nullable;
  result.is_primary_key = same_member<Member, model<T>::primary_key::pointer>();
  if constexpr (std::same_as<without_optional<type>, std::int32_t>) {
    result.minimum = std::numeric_limits<std::int32_t>::min();
    result.maximum = std::numeric_limits<std::int32_t>::max();
  }
  if constexpr (described_enum<without_optional<type>>) {
    result.choices = value_traits<without_optional<type>>::choices;
  }
  result.initial = [] { return traits::to_value(T{}.*Member); };
  result.get = [](const void* row) {
    return traits::to_value(static_cast<const T*>(row)->*Member);
  };
  result.set = [](void* row, const value& x) {
    static_cast<T*>(row)->*Member = traits::from_value(x);
  };
  declaration<Member>::apply(result);
  return result;
}

constexpr bool is_one_of(field_type type, std::initializer_list<field_type> types) {
  return std::ranges::find(types, type) != types.end();
}

template <class T, auto Member>
constexpr field_descriptor describe_field() {
  static_assert(storable<type_of<Member>>, "dcrf: this member's type can't be a field of a model");
  if constexpr (storable<type_of<Member>>) {
    constexpr auto result = build_field<T, Member>();
    constexpr auto type = result.type;
    static_assert((type == field_type::decimal) == (result.digits > 0),
                  "dcrf: a decimal field wants digits<Digits, Places>, and no other does");
    static_assert(!result.max_length || type == field_type::text,
                  "dcrf: max_length<Length> is for text fields");
    static_assert(!result.allows_blank || is_one_of(type, {field_type::text, field_type::choice}),
                  "dcrf: blank is for text fields");
    static_assert(
        (!result.minimum && !result.maximum)
            || is_one_of(type, {field_type::integer, field_type::real, field_type::decimal}),
        "dcrf: value_range<Minimum, Maximum> is for numbers");
    static_assert(!result.is_version || !result.is_primary_key,
                  "dcrf: the version of a row is not its primary key");
    static_assert(result.choices.empty() || described_enum<without_optional<type_of<Member>>>
                      || std::same_as<without_optional<type_of<Member>>, std::string>,
                  "dcrf: choices<...> is for std::string members");
    return result;
  } else {
    return {};
  }
}

// Whether a model of links, if the option names one, has foreign keys to both sides of a relation.
template <auto Member, class Option>
constexpr bool joins_sides = true;
template <auto Member, auto Source, auto Target>
constexpr bool joins_sides<Member, through<Source, Target>> = [] {
  if constexpr (is_foreign_key_member<Source> && is_foreign_key_member<Target>) {
    return std::same_as<class_of<Source>, class_of<Target>> && !same_member<Source, Target>()
           && std::same_as<typename target_of<Source>::type, class_of<Member>>
           && std::same_as<typename target_of<Target>::type, typename type_of<Member>::target_type>;
  } else {
    return false;
  }
}();

template <auto Member, class Declaration>
constexpr bool fits_relation = true;
template <auto Member, class... Options>
constexpr bool fits_relation<Member, relation<Member, Options...>> = [] {
  static_assert(
      (joins_sides<Member, Options> && ...),
      "dcrf: through<&link::near, &link::far> wants two foreign keys of one model: to the "
      "model that has the relation, and to the one at its far side");
  return true;
}();

template <class T, auto Member>
constexpr relation_descriptor describe_relation() {
  relation_descriptor result;
  result.name = name_of<Member>();
  result.source = &model_of<T>;
  result.target = &model_of<typename type_of<Member>::target_type>;
  declaration<Member>::apply(result);
  static_assert(fits_relation<Member, declaration<Member>>);
  return result;
}

// Whether all declarations are of members of T.
template <class T, class Fields>
constexpr bool declares_only = false;
template <class T, class... Declarations>
constexpr bool declares_only<T, fields<Declarations...>> =
    (std::same_as<T, class_of<Declarations::pointer>> && ...);

// Whether all declarations are of described members.
template <class Fields>
constexpr bool declares_described = true;
template <class... Declarations>
constexpr bool declares_described<fields<Declarations...>> =
    ((find_member_name<Declarations::pointer>() != nullptr) && ...);

template <class T>
struct model_tables {
  static_assert(
      described<T>,
      "dcrf: this struct is not described; add BOOST_DESCRIBE_STRUCT(name, (), (members))");
  static_assert(model_type<T>,
                "dcrf: dcrf::model<T> is not specialised for this struct, or has no table and "
                "primary_key");
  static_assert(is_right_model<T>());
  static_assert(std::is_default_constructible_v<T>,
                "dcrf: a model's struct must be default-constructible");
  static_assert(
      declares_only<T, typename declared_fields<T>::type>,
      "dcrf: the fields of this model are not dcrf::fields<...> of members of its struct");
  static_assert(declares_described<typename declared_fields<T>::type>,
                "dcrf: this member is not listed in its struct's BOOST_DESCRIBE_STRUCT");

  template <class Descriptor>
  using is_relation_member = boost::mp11::mp_bool<is_relation<type_of<Descriptor::pointer>>>;

  using relation_members = boost::mp11::mp_copy_if<public_members<T>, is_relation_member>;
  using field_members = boost::mp11::mp_remove_if<public_members<T>, is_relation_member>;

  static constexpr auto fields = []<class... Descriptors>(boost::mp11::mp_list<Descriptors...>) {
    return std::array<field_descriptor, sizeof...(Descriptors)>{
        describe_field<T, Descriptors::pointer>()...};
  }(boost::mp11::mp_rename<field_members, boost::mp11::mp_list>{});

  static constexpr auto relations = []<class... Descriptors>(boost::mp11::mp_list<Descriptors...>) {
    return std::array<relation_descriptor, sizeof...(Descriptors)>{
        describe_relation<T, Descriptors::pointer>()...};
  }(boost::mp11::mp_rename<relation_members, boost::mp11::mp_list>{});

  using declared = typename declared_constraints<T>::type;
  static_assert(boost::mp11::mp_all_of<declared, is_constraint>::value,
                "dcrf: the constraints of a model are unique_together<> and check<>");

  static constexpr auto unique_together = []<class... Sets>(constraints<Sets...>) {
    return std::array<std::span<const std::size_t>, sizeof...(Sets)>{
        unique_fields<T, Sets>::indices...};
  }(boost::mp11::mp_copy_if<declared, is_unique_set>{});

  static constexpr auto checks = []<class... Checks>(constraints<Checks...>) {
    return std::array<check_descriptor, sizeof...(Checks)>{
        check_descriptor{Checks::name.view(), &Checks::holds}...};
  }(boost::mp11::mp_copy_if<declared, is_check>{});

  static constexpr std::size_t primary_key = [] {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].is_primary_key) {
        return i;
      }
    }
    return fields.size();
  }();
  static_assert(primary_key < fields.size(),
                "dcrf: the model's primary key is not listed in its BOOST_DESCRIBE_STRUCT");

  static_assert(std::ranges::count(fields, true, &field_descriptor::is_version) <= 1,
                "dcrf: a model has one version<> at the most");
  static constexpr std::optional<std::size_t> version = [] {
    auto found = std::ranges::find(fields, true, &field_descriptor::is_version);
    return found == fields.end() ? std::nullopt
                                 : std::optional{static_cast<std::size_t>(found - fields.begin())};
  }();

  // Two words of a struct's name are two words in messages.
  static constexpr auto name = [] {
    constexpr auto text = type_name<T>();
    std::array<char, text.size()> characters{};
    for (std::size_t i = 0; i < text.size(); ++i) {
      characters[i] = text[i] == '_' ? ' ' : text[i];
    }
    return characters;
  }();

  static constexpr model_descriptor model_table{
      .name = {name.data(), name.size()},
      .table = dcrf::model<T>::table,
      .fields = fields,
      .primary_key = primary_key,
      .relations = relations,
      .unique_together = unique_together,
      .checks = checks,
      .version = version,
  };
};

} // namespace detail

template <auto Member, class Target, on_delete Action, class... Options>
constexpr void
foreign_key<Member, Target, Action, Options...>::apply(field_descriptor& descriptor) {
  static_assert(model_type<Target>, "dcrf: a foreign key refers to a struct that is no model");
  static_assert(std::same_as<without_optional<type_of<Member>>, key_of<Target>>,
                "dcrf: a foreign key has the type of the primary key that it refers to");
  descriptor.target = &model_of<Target>;
  descriptor.action = Action;
  field<Member, Options...>::apply(descriptor);
}

template <auto Source, auto Target>
constexpr void through<Source, Target>::apply(relation_descriptor& relation) {
  if constexpr (detail::is_foreign_key_member<Source> && detail::is_foreign_key_member<Target>) {
    relation.through = &model_of<class_of<Source>>;
    relation.source_field = detail::field_position<Source>();
    relation.target_field = detail::field_position<Target>();
  }
}

template <class T>
const model_descriptor& model_of() noexcept {
  static_assert(
      described<T>,
      "dcrf: this struct is not described; add BOOST_DESCRIBE_STRUCT(name, (), (members))");
  static_assert(model_type<T>,
                "dcrf: dcrf::model<T> is not specialised for this struct, or has no table and "
                "primary_key");
  if constexpr (described<T> && model_type<T>) {
    return detail::model_tables<T>::model_table;
  } else {
    static const model_descriptor nothing{};
    return nothing;
  }
}

template <class T>
record to_record(const T& row) {
  record result;
  result.reserve(model_of<T>().fields.size());
  for (const auto& field : model_of<T>().fields) {
    result.push_back(field.get(&row));
  }
  return result;
}

template <class T>
T from_record(const record& values) {
  T result{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    detail::read_into(model_of<T>().fields[i], &result, values[i]);
  }
  return result;
}

} // namespace dcrf
