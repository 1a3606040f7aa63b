#pragma once

#include "dcrf/listing/declarations.hpp"
#include "dcrf/model/text_literal.hpp"
#include "dcrf/protocol/request.hpp"
#include "dcrf/store/query.hpp"

#include <boost/mp11.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace dcrf {

/// What a filter does with the value of its argument.
enum class filter_kind : std::uint8_t {
  /// Compares by an operator.
  comparison,
  /// Takes two values, and what is between them.
  range,
};

/// A comparison that requests may ask for by an argument.
struct list_filter {
  /// `rank`, `rank__gte`, `room__name__icontains`
  std::string argument;
  filter_kind kind = filter_kind::comparison;
  comparison op = comparison::eq;
  /// The field that is compared, which says what an operand may be.
  const field_descriptor* field = nullptr;
  condition (*compared)(comparison op, std::vector<value> operands) = nullptr;
  condition (*ranged)(const value& least, const value& most) = nullptr;
};

/// A column of text that requests may search.
using list_search = condition (*)(comparison op, std::vector<value> operands);

/// A column that requests may order by.
struct list_order {
  std::string name;
  column_path path;
};

/// What requests may choose of a consumer's list: the filter backends of DRF, limited to the fields
/// that the consumer declares.
struct list_filters {
  std::vector<list_filter> filters;
  std::vector<list_search> search;
  std::vector<list_order> ordering;

  /// Narrows and orders what a request lists.
  ///  - Each declared filter is an argument of its own; null and empty texts do not filter.
  ///  - `search`: words that each must be in one of the search fields, case aside.
  ///  - `ordering`: names, apart by commas, with `-` for descending. Others are ignored.
  /// @throws validation_error naming each argument of the wrong type
  void apply(const request& req, selection& rows) const;
};

namespace detail {

/// A member of the model or a `column<…>` as a column.
template <auto Column, class Type = std::remove_const_t<decltype(Column)>>
struct as_column {
  using type = column_of<Column>;
};
template <auto Column, auto... Members>
struct as_column<Column, column_of<Members...>> {
  using type = column_of<Members...>;
};

template <class Column>
struct column_names;
template <auto... Members>
struct column_names<column_of<Members...>> {
  static std::string joined() {
    std::string result;
    ((result += result.empty() ? "" : "__", result += column_part<Members>::name()), ...);
    return result;
  }
  // Of rows themselves it is their key.
  static const field_descriptor& field() {
    constexpr auto last = last_part<Members...>::part;
    if constexpr (column_part<last>::is_to_many) {
      return model_of<typename far_of<last>::type>().key_field();
    } else {
      return model_of<class_of<last>>().fields[field_index<last>()];
    }
  }
};

struct lookup_name {
  std::string_view name;
  comparison op;
  bool is_for_text = false;
  filter_kind kind = filter_kind::comparison;
};

inline constexpr lookup_name lookup_names[] = {
    {"exact", comparison::eq},
    {"gt", comparison::gt},
    {"gte", comparison::ge},
    {"lt", comparison::lt},
    {"lte", comparison::le},
    {"range", comparison::eq, false, filter_kind::range},
    {"in", comparison::in},
    {"isnull", comparison::is_null},
    {"iexact", comparison::iexact, true},
    {"contains", comparison::contains, true},
    {"icontains", comparison::icontains, true},
    {"startswith", comparison::startswith, true},
    {"istartswith", comparison::istartswith, true},
    {"endswith", comparison::endswith, true},
    {"iendswith", comparison::iendswith, true},
};

constexpr std::optional<lookup_name> find_lookup(std::string_view name) {
  for (const auto& x : lookup_names) {
    if (x.name == name) {
      return x;
    }
  }
  return std::nullopt;
}

/// Whether a lookup makes sense for a column.
template <class Column>
constexpr bool fits_lookup(std::string_view name) {
  auto found = find_lookup(name);
  return !found || !found->is_for_text || Column::is_text;
}

template <class Column>
condition compared(comparison op, std::vector<value> operands) {
  return Column::compare(op, std::move(operands)).value;
}

template <class Column>
list_filter make_filter(const lookup_name& lookup) {
  list_filter result;
  result.argument = column_names<Column>::joined();
  if (lookup.name != "exact") {
    result.argument += "__";
    result.argument += lookup.name;
  }
  result.kind = lookup.kind;
  result.op = lookup.op;
  result.field = &column_names<Column>::field();
  result.compared = &compared<Column>;
  result.ranged = [](const value& least, const value& most) {
    return Column::compare_range(least, most).value;
  };
  return result;
}

} // namespace detail

/// Lets requests filter by a column, under the names that Django gives: `filter_by<&item::rank,
/// "exact", "gte">` offers the arguments `rank` and `rank__gte`; without lookups only `rank`. A
/// column behind foreign keys is `filter_by<dcrf::column<&message::room, &room::name>,
/// "icontains">`, with the argument `room__name__icontains`. Rows behind many-to-many members and
/// reverse references are found by any of them: `filter_by<&task::labels, "exact", "in">` takes
/// keys of labels, `filter_by<dcrf::column<&task::labels, &label::name>>` a name.
///
/// Lookups are `exact`, `gt`, `gte`, `lt`, `lte`, `range` (two values), `in` (any number; a list,
/// or a text with commas, for both) and `isnull` (true or false); for texts `iexact`, `contains`,
/// `icontains`, `startswith`, `istartswith`, `endswith` and `iendswith`, too. A time may be given
/// as a day, which is its midnight in UTC.
template <auto Column, text_literal... Lookups>
struct filter_by {
  static void add(std::vector<list_filter>& to) {
    using column = typename detail::as_column<Column>::type;
    constexpr bool are_known = (... && detail::find_lookup(Lookups.view()).has_value());
    static_assert(
        are_known,
        "dcrf: filter_by<> knows exact, gt, gte, lt, lte, range, in, isnull, iexact, contains, "
        "icontains, startswith, istartswith, endswith and iendswith");
    constexpr bool fit = (... && detail::fits_lookup<column>(Lookups.view()));
    static_assert(fit, "dcrf: this lookup of filter_by<> is for columns of text");
    if constexpr (sizeof...(Lookups) == 0) {
      to.push_back(detail::make_filter<column>(*detail::find_lookup("exact")));
    } else if constexpr (are_known && fit) {
      (to.push_back(detail::make_filter<column>(*detail::find_lookup(Lookups.view()))), ...);
    }
  }
};

/// The filters of a consumer's list: `using filterset_fields = dcrf::filterset_fields<
/// dcrf::filter_by<&item::name>, dcrf::filter_by<&item::rank, "gte", "lte">>;`
template <class... Filters>
struct filterset_fields {
  static void add(list_filters& to) {
    static_assert(boost::mp11::mp_is_set<boost::mp11::mp_list<Filters...>>::value,
                  "dcrf: `filterset_fields` lists a filter twice");
    (Filters::add(to.filters), ...);
  }
};

/// The text columns that the argument `search` looks into: members, or `dcrf::column<…>`.
template <auto... Columns>
struct search_fields {
  static void add(list_filters& to) {
    static_assert((... && detail::as_column<Columns>::type::is_text),
                  "dcrf: search_fields<> wants columns of text");
    (to.search.push_back(&detail::compared<typename detail::as_column<Columns>::type>), ...);
  }
};

/// The columns that the argument `ordering` may name: members, or `dcrf::column<…>`.
template <auto... Columns>
struct ordering_fields {
  static void add(list_filters& to) {
    (to.ordering.push_back(
         {detail::column_names<typename detail::as_column<Columns>::type>::joined(),
          detail::as_column<Columns>::type::path()}),
     ...);
  }
};

namespace detail {

/// Whether what a declaration names begins with members of `T`.
template <class Declaration, class T>
constexpr bool of_model = true;
template <class T, auto Column, text_literal... Lookups>
constexpr bool of_model<filter_by<Column, Lookups...>, T> =
    std::same_as<typename as_column<Column>::type::model_type, T>;
template <class T, class... Filters>
constexpr bool of_model<filterset_fields<Filters...>, T> = (of_model<Filters, T> && ...);
template <class T, auto... Columns>
constexpr bool of_model<search_fields<Columns...>, T> =
    (std::same_as<typename as_column<Columns>::type::model_type, T> && ...);
template <class T, auto... Columns>
constexpr bool of_model<ordering_fields<Columns...>, T> =
    (std::same_as<typename as_column<Columns>::type::model_type, T> && ...);

/// The filters that a consumer or a view set declares.
template <class Self>
const list_filters& filters_of() {
  static_assert(has_right_list_names<Self>());
  static const auto result = [] {
    list_filters filters;
    using names = with_names<Self, list_names>;
    if constexpr (!requires { names::filterset_fields; }) {
      constexpr bool is_right = requires { Self::filterset_fields::add(filters); };
      static_assert(is_right, "dcrf: `filterset_fields` is private or no list: write `using "
                              "filterset_fields = dcrf::filterset_fields<...>` in the public part "
                              "of the class");
      if constexpr (is_right) {
        static_assert(of_model<typename Self::filterset_fields, typename Self::instance_type>,
                      "dcrf: `filterset_fields` lists filter_by<> of members of the class's own "
                      "model; what foreign keys lead to is dcrf::column<&model::foreign_key, "
                      "&other::member>");
        Self::filterset_fields::add(filters);
      }
    }
    if constexpr (!requires { names::search_fields; }) {
      constexpr bool is_right = requires { Self::search_fields::add(filters); };
      static_assert(is_right, "dcrf: `search_fields` is private or no list: write `using "
                              "search_fields = dcrf::search_fields<...>` in the public part of the "
                              "class");
      if constexpr (is_right) {
        static_assert(of_model<typename Self::search_fields, typename Self::instance_type>,
                      "dcrf: `search_fields` lists members of the class's own model; what foreign "
                      "keys lead to is dcrf::column<&model::foreign_key, &other::member>");
        Self::search_fields::add(filters);
      }
    }
    if constexpr (!requires { names::ordering_fields; }) {
      constexpr bool is_right = requires { Self::ordering_fields::add(filters); };
      static_assert(is_right, "dcrf: `ordering_fields` is private or no list: write `using "
                              "ordering_fields = dcrf::ordering_fields<...>` in the public part of "
                              "the class");
      if constexpr (is_right) {
        static_assert(of_model<typename Self::ordering_fields, typename Self::instance_type>,
                      "dcrf: `ordering_fields` lists members of the class's own model; what "
                      "foreign keys lead to is dcrf::column<&model::foreign_key, &other::member>");
        Self::ordering_fields::add(filters);
      }
    }
    return filters;
  }();
  return result;
}

} // namespace detail

} // namespace dcrf
