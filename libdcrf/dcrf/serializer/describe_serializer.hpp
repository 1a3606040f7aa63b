#pragma once

#include "dcrf/model/path.hpp"
#include "dcrf/serializer/computed.hpp"
#include "dcrf/serializer/field.hpp"
#include "dcrf/serializer/link.hpp"
#include "dcrf/serializer/serializer_check.hpp"
#include "dcrf/serializer/serializer_descriptor.hpp"
#include "dcrf/serializer/validated.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>

namespace dcrf {

template <class T>
struct model_serializer;

template <class S>
const serializer_descriptor& serializer_of() noexcept;

namespace detail {

/// All columns of a model, as `depth` shows them.
template <class T, int Depth>
struct every_field : model_serializer<T> {
  using fields = all_fields;
  static constexpr int depth = Depth;
};

// Whether a relation is written by the rows of a model, and not by keys, as in DRF.
template <auto Member>
constexpr bool has_link_rows = !std::is_void_v<link_model_of<Member>>;

// Fields the server alone gives a value to.
constexpr bool is_set_by_server(const field_descriptor& field) {
  return field.automatic != auto_time::never
         || (field.is_primary_key && field.type != field_type::text);
}

template <class... Options>
constexpr void apply_options(serializer_field& field) {
  static_assert(
      (option_of<Options, serializer_field> && ...),
      "dcrf: a field of a serializer has an option that is none of a serializer's, or not "
      "one at all");
  if constexpr ((option_of<Options, serializer_field> && ...)) {
    (Options::apply(field), ...);
  }
}

// Whether a validator, if the option is one, takes values of that type.
template <class Option, class Type>
constexpr bool fits_type = true;
template <class Type, auto... Functions>
constexpr bool fits_type<validated_by<Functions...>, Type> =
    validated_by<Functions...>::template takes<Type>;

template <class Option>
constexpr bool checks_input = false;
template <auto... Functions>
constexpr bool checks_input<validated_by<Functions...>> = true;

// -- where rows that a field shows come from ------------------------------------------------------

template <class Rows, class Serializer>
constexpr void show_rows(related_source& related) {
  related.model = &model_tables<Rows>::model_table;
  if constexpr (!std::same_as<Serializer, keys_only>) {
    static_assert(std::same_as<typename Serializer::model_type, Rows>,
                  "dcrf: the serializer given for related rows is one for another model");
    related.serializer = &serializer_of<Serializer>;
  }
}

template <auto Member, class Serializer>
constexpr serializer_field target_rows() {
  serializer_field result;
  result.name = name_of<Member>();
  result.is_read_only = true;
  if constexpr (is_relation_member<Member>) {
    result.source = field_source::related_rows;
    result.related.side = fetch::side::targets;
    result.related.relation = &relation_of<Member>();
  } else {
    result.source = field_source::related_row;
    result.related.side = fetch::side::foreign_key;
    result.related.field = index_of<Member>();
  }
  show_rows<typename target_of<Member>::type, Serializer>(result.related);
  return result;
}

// -- the kinds of declarations --------------------------------------------------------------------

/// Makes the description of a field of serializer `S` from its declaration.
template <class S, class Declaration>
struct shown_field {
  static_assert(!std::same_as<S, S>, "dcrf: this is no field that a serializer can show");
  static constexpr serializer_field describe() { return {}; }
};

template <class S, auto Member, class... Options>
struct shown_field<S, field<Member, Options...>> {
  using model_type = typename S::model_type;
  static_assert(std::same_as<class_of<Member>, model_type>,
                "dcrf: this serializer shows a member of another struct than its model");

  static_assert((fits_type<Options, type_of<Member>> && ...),
                "dcrf: validated_by<&function> wants a function that takes the type of the member");

  static constexpr serializer_field describe() {
    auto result = source();
    apply_options<Options...>(result);
    return result;
  }

private:
  static constexpr serializer_field source() {
    if constexpr (!std::same_as<class_of<Member>, model_type>) {
      return {};
    } else if constexpr ((is_relation_member<Member> || is_foreign_key_member<Member>)
                         && S::depth > 0) {
      using target = typename target_of<Member>::type;
      return target_rows<Member, every_field<target, S::depth - 1>>();
    } else if constexpr (is_relation_member<Member>) {
      auto result = target_rows<Member, keys_only>();
      result.is_read_only = has_link_rows<Member>;
      return result;
    } else {
      serializer_field result;
      result.name = name_of<Member>();
      result.column = index_of<Member>();
      result.is_read_only = is_set_by_server(model_tables<model_type>::fields[result.column]);
      return result;
    }
  }
};

template <class S, text_literal Name, auto Member>
struct shown_field<S, renamed<Name, Member>> : shown_field<S, field<Member, named<Name>>> {};

template <class S, text_literal Name, auto First, auto Second, auto... Rest>
struct shown_field<S, renamed<Name, First, Second, Rest...>> {
  static_assert(std::same_as<class_of<First>, typename S::model_type>,
                "dcrf: this serializer shows a member of another struct than its model");

  static constexpr serializer_field describe() {
    serializer_field result;
    result.name = Name.view();
    result.source = field_source::path;
    result.is_read_only = true;
    result.path = keys;
    result.column = columns.back();
    return result;
  }

private:
  static_assert(is_chain<First, Second, Rest...>,
                "dcrf: renamed<name, members...> follows foreign keys, each to the struct that the "
                "next member belongs to");

  static constexpr std::array columns{index_of<First>(), index_of<Second>(), index_of<Rest>()...};
  static constexpr auto keys = [] {
    std::array<std::size_t, columns.size() - 1> result{};
    std::ranges::copy_n(columns.begin(), result.size(), result.begin());
    return result;
  }();
};

template <class S, auto Member, class Serializer, class... Options>
struct shown_field<S, nested<Member, Serializer, Options...>> {
  static_assert(std::same_as<class_of<Member>, typename S::model_type>,
                "dcrf: this serializer shows a member of another struct than its model");
  static_assert(is_relation_member<Member> || is_foreign_key_member<Member>,
                "dcrf: nested<&model::member, Serializer> wants a foreign key or a many_to_many "
                "member");
  static_assert((!checks_input<Options> && ...),
                "dcrf: validated_by<> checks input, and nested<> is "
                "read-only");

  static constexpr serializer_field describe() {
    auto result = target_rows<Member, Serializer>();
    apply_options<Options...>(result);
    return result;
  }
};

template <class S, text_literal Name, auto Member, class Serializer, class... Options>
struct shown_field<S, referrers<Name, Member, Serializer, Options...>> {
  static_assert(is_foreign_key_member<Member>,
                "dcrf: referrers<name, &other::member, Serializer> wants a foreign key");
  static_assert(std::same_as<typename target_of<Member>::type, typename S::model_type>,
                "dcrf: the foreign key given to referrers<> refers to another model than the "
                "serializer's");
  static_assert((!checks_input<Options> && ...),
                "dcrf: validated_by<> checks input, and referrers<> "
                "is read-only");

  static constexpr serializer_field describe() {
    serializer_field result;
    result.name = Name.view();
    result.source = field_source::related_rows;
    result.is_read_only = true;
    result.related.side = fetch::side::referrers;
    result.related.field = index_of<Member>();
    show_rows<class_of<Member>, Serializer>(result.related);
    apply_options<Options...>(result);
    return result;
  }
};

template <class S, text_literal Name, auto Member, class Serializer, class... Options>
struct shown_field<S, related<Name, Member, Serializer, Options...>> {
  static_assert(is_relation_member<Member>,
                "dcrf: related<name, &other::member, Serializer> wants a many_to_many member");
  static_assert(std::same_as<typename target_of<Member>::type, typename S::model_type>,
                "dcrf: the relation given to related<> has another model at its far side than the "
                "serializer's");
  static_assert((fits_type<Options, many_to_many<class_of<Member>>> && ...),
                "dcrf: validated_by<&function> of related<> wants a function that takes a "
                "std::vector of the keys of the rows");

  static constexpr serializer_field describe() {
    serializer_field result;
    result.name = Name.view();
    result.source = field_source::related_rows;
    result.is_read_only = !std::same_as<Serializer, keys_only> || has_link_rows<Member>;
    result.related.side = fetch::side::sources;
    result.related.relation = &relation_of<Member>();
    show_rows<class_of<Member>, Serializer>(result.related);
    apply_options<Options...>(result);
    return result;
  }
};

/// Which rows belong to a row, by the first step of an aggregate.
template <auto Step, class Type = std::remove_const_t<decltype(Step)>>
struct summarized_rows {
  static_assert(is_relation_member<Step>,
                "dcrf: annotated<> is over rows that belong to the row: its first step is "
                "dcrf::referring<>, dcrf::relating<> or a many_to_many member");
  static constexpr void apply(related_source& to) {
    to.side = fetch::side::targets;
    to.relation = &relation_of<Step>();
  }
};
template <auto Step, auto Member, text_literal Name>
struct summarized_rows<Step, referring_rows<Member, Name>> {
  static constexpr void apply(related_source& to) {
    to.side = fetch::side::referrers;
    to.field = index_of<Member>();
  }
};
template <auto Step, auto Member>
struct summarized_rows<Step, relating_rows<Member>> {
  static constexpr void apply(related_source& to) {
    to.side = fetch::side::sources;
    to.relation = &relation_of<Member>();
  }
};

template <class S, text_literal Name, class Aggregate>
struct summary_field {
  static_assert(is_aggregate<Aggregate>,
                "dcrf: annotated<name, aggregate> shows dcrf::count_of<>, sum_of<>, avg_of<>, "
                "min_of<> or max_of<>");
};
template <class S, text_literal Name, aggregate::function What, auto Step, auto... Column>
struct summary_field<S, Name, aggregate_of<What, Step, Column...>> {
  static_assert(std::same_as<typename column_part<Step>::near, typename S::model_type>,
                "dcrf: what annotated<> shows belongs to rows of another model than the "
                "serializer's");
  static_assert(sizeof...(Column) <= 1
                    && is_column<Step, Column...> && !(column_part<Column>::is_to_many || ...),
                "dcrf: annotated<> is over a column of the rows that belong to the row itself");
  static_assert(What == aggregate::function::count || sizeof...(Column) == 1,
                "dcrf: this aggregate wants a column of the rows: sum_of<referring<&line::order>, "
                "&line::amount>");

  static constexpr serializer_field describe() {
    serializer_field result;
    result.name = Name.view();
    result.source = field_source::summary;
    result.is_read_only = true;
    summarized_rows<Step>::apply(result.related);
    result.related.model = &model_tables<typename far_of<Step>::type>::model_table;
    result.related.what = What;
    if constexpr (sizeof...(Column) == 1) {
      using over = aggregate_over<typename far_of<Step>::type, aggregate_of<What, Column...>>;
      static_assert(!std::is_void_v<typename over::type>);
      result.related.column = index_of<Column...>();
    }
    return result;
  }
};

template <class S, text_literal Name, auto Aggregate>
struct shown_field<S, annotated<Name, Aggregate>>
    : summary_field<S, Name, std::remove_const_t<decltype(Aggregate)>> {};

template <class S, text_literal Name, auto Function>
struct shown_field<S, computed<Name, Function>> {
  using traits = function_traits<decltype(Function)>;
  static_assert(std::is_void_v<typename traits::first_argument>
                    || std::same_as<typename traits::first_argument, typename S::model_type>,
                "dcrf: the function of a computed field wants a row of the serializer's model");

  static constexpr serializer_field describe() {
    serializer_field result;
    result.name = Name.view();
    result.source = field_source::computed;
    result.is_read_only = true;
    result.compute = &compute;
    result.wants_context = traits::wants_context;
    return result;
  }

private:
  static void compute(json_writer& writer, const record& values,
                      const serializer_context& context) {
    auto row = from_record<typename S::model_type>(values);
    write_result(writer, traits::template call<Function>(row, context));
  }
};

// -- links ----------------------------------------------------------------------------------------

/// An argument of a link; nothing for any other option.
template <class Option>
struct link_argument {
  static constexpr bool is_one = false;
};
template <text_literal Argument, auto First, auto... Rest>
struct link_argument<link_lookup<Argument, First, Rest...>> {
  static_assert(is_chain<First, Rest...>,
                "dcrf: link_lookup<argument, members...> follows foreign keys, each to the struct "
                "that the next member belongs to");
  static constexpr bool is_one = true;
  static constexpr std::array columns{index_of<First>(), index_of<Rest>()...};
  static constexpr link_source::argument describe() {
    return {Argument.view(), columns.back(), std::span{columns}.first(columns.size() - 1)};
  }
};

template <class Argument>
using is_link_argument = std::bool_constant<Argument::is_one>;
template <class... Options>
using link_arguments =
    boost::mp11::mp_copy_if<boost::mp11::mp_list<link_argument<Options>...>, is_link_argument>;

/// The arguments that options give a link.
template <class... Arguments>
constexpr auto describe_arguments(boost::mp11::mp_list<Arguments...>) {
  return std::array<link_source::argument, sizeof...(Arguments)>{Arguments::describe()...};
}

/// What all links have in common. `Column` holds the key that the argument `pk` has by default.
template <class S, std::size_t Column, class... Options>
struct described_link {
  static constexpr auto given = describe_arguments(link_arguments<Options...>{});
  static constexpr std::array<link_source::argument, 1> by_key{link_source::argument{"pk", Column}};

  static constexpr void apply(serializer_field& field) {
    field.source = field_source::link;
    field.column = Column;
    field.link.action = field.link.is_to_many ? "list" : "retrieve";
    if constexpr (given.empty()) {
      field.link.arguments = by_key;
    } else {
      field.link.arguments = given;
    }
    (apply_option<Options>(field), ...);
  }

private:
  template <class Option>
  static constexpr void apply_option(serializer_field& field) {
    if constexpr (!link_argument<Option>::is_one) {
      apply_options<Option>(field);
    }
  }
};

template <class S, class... Options>
struct shown_field<S, identity<Options...>> {
  using tables = model_tables<typename S::model_type>;

  static constexpr serializer_field describe() {
    serializer_field result;
    result.name = "@id";
    result.is_read_only = true;
    result.link.model = &tables::model_table;
    described_link<S, tables::model_table.primary_key, Options...>::apply(result);
    return result;
  }
};

template <class S, auto Member, class... Options>
struct shown_field<S, link<Member, Options...>> {
  static_assert(std::same_as<class_of<Member>, typename S::model_type>,
                "dcrf: this serializer shows a member of another struct than its model");
  static_assert(is_relation_member<Member> || is_foreign_key_member<Member>,
                "dcrf: link<&model::member> wants a foreign key or a many_to_many member");
  static_assert((fits_type<Options, type_of<Member>> && ...),
                "dcrf: validated_by<&function> wants a function that takes the type of the member");

  static constexpr serializer_field describe() {
    serializer_field result;
    result.name = name_of<Member>();
    result.link.model = &model_tables<typename target_of<Member>::type>::model_table;
    if constexpr (is_relation_member<Member>) {
      result.is_read_only = has_link_rows<Member>;
      result.link.is_to_many = true;
      result.link.relation = &relation_of<Member>();
      described_link<S, own_key, Options...>::apply(result);
    } else {
      described_link<S, index_of<Member>(), Options...>::apply(result);
    }
    return result;
  }

private:
  static constexpr auto own_key = model_tables<typename S::model_type>::model_table.primary_key;
};

/// A link to many that can't be written.
template <class S, text_literal Name, class Target, class... Options>
struct shown_link_to_many {
  static constexpr serializer_field describe() {
    serializer_field result;
    result.name = Name.view();
    result.is_read_only = true;
    result.link.model = &model_tables<Target>::model_table;
    result.link.is_to_many = true;
    described_link<S, model_tables<typename S::model_type>::model_table.primary_key,
                   Options...>::apply(result);
    return result;
  }
};

template <class S, text_literal Name, auto Member, class... Options>
struct shown_field<S, link_to_referrers<Name, Member, Options...>>
    : shown_link_to_many<S, Name, class_of<Member>, Options...> {
  static_assert(is_foreign_key_member<Member>,
                "dcrf: link_to_referrers<name, &other::member> wants a foreign key");
  static_assert(std::same_as<typename target_of<Member>::type, typename S::model_type>,
                "dcrf: the foreign key given to link_to_referrers<> refers to another model than "
                "the serializer's");
};

template <class S, text_literal Name, auto Member, class... Options>
struct shown_field<S, link_to_related<Name, Member, Options...>>
    : shown_link_to_many<S, Name, class_of<Member>, Options...> {
  static_assert(is_relation_member<Member>,
                "dcrf: link_to_related<name, &other::member> wants a many_to_many member");
  static_assert(std::same_as<typename target_of<Member>::type, typename S::model_type>,
                "dcrf: the relation given to link_to_related<> has another model at its far side "
                "than the serializer's");
};

// -- the tables of a serializer -------------------------------------------------------------------

template <class T, class Fields>
struct listed_fields {
  static_assert(!std::same_as<T, T>,
                "dcrf: the `fields` of a serializer are dcrf::shown<...> or dcrf::all_fields");
  using type = shown<>;
};
template <class T, class... Fields>
struct listed_fields<T, shown<Fields...>> {
  using type = shown<Fields...>;
};
template <class T>
struct listed_fields<T, all_fields> {
  template <class Descriptor>
  using declare = field<Descriptor::pointer>;
  using type = boost::mp11::mp_rename<boost::mp11::mp_transform<declare, public_members<T>>, shown>;
};

template <class S>
struct serializer_tables {
  using model_type = typename S::model_type;

  static constexpr auto fields = []<class... Fields>(shown<Fields...>) {
    return std::array<serializer_field, sizeof...(Fields)>{shown_field<S, Fields>::describe()...};
  }(typename listed_fields<model_type, typename S::fields>::type{});

  template <class Link>
  static constexpr serializer_field listed = shown_field<S, Link>::describe();

  static constexpr bool needs_related_rows = std::ranges::any_of(fields, [](const auto& field) {
    return field.source != field_source::column && field.source != field_source::computed
           && !field.is_write_only;
  });

  static constexpr bool has_repeated_names = [] {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (fields[i].name == fields[j].name) {
          return true;
        }
      }
    }
    return false;
  }();
  static_assert(!has_repeated_names, "dcrf: two fields of this serializer have the same name");

  static const serializer_layout& layout() {
    static const serializer_layout result{table};
    return result;
  }

  static void validate(validated_input& data, const serializer_context& context) {
    const validated<model_type> x{data};
    S::validate(x, context);
  }

  static void prepare(validated_input& data, const serializer_context& context) {
    validated<model_type> x{data};
    S::prepare(x, context);
  }

  static constexpr auto table = [] {
    serializer_descriptor result;
    result.name = type_name<S>();
    result.model = &model_tables<model_type>::model_table;
    result.fields = fields;
    result.layout = &layout;
    if constexpr (!leaves_out_listed<S>) {
      result.listed = &listed<typename S::listed>;
    }
    if constexpr (!leaves_out_validate<S>) {
      result.validate = &validate;
    }
    if constexpr (!leaves_out_prepare<S>) {
      result.prepare = &prepare;
    }
    return result;
  }();
};

} // namespace detail

} // namespace dcrf
