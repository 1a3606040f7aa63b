#pragma once

#include "dcrf/model/declared.hpp"

#include <type_traits>

// What consumers and view sets over a model declare about their lists by name.

namespace dcrf::detail {

// What is looked for, and words for it that are nearly right.
struct list_names {
  static constexpr int pagination = 0, filterset_fields = 0, search_fields = 0, ordering_fields = 0,
                       lookup = 0;

  static constexpr int pagination_class = 0, pagination_classes = 0, paginations = 0, paginator = 0,
                       Pagination = 0;
  static constexpr int filter_fields = 0, filter_set_fields = 0, filterset_field = 0,
                       filterset_class = 0, filterset = 0, filter_backends = 0, filters = 0,
                       filtersets = 0, filter_by = 0;
  static constexpr int search_field = 0, searchfields = 0;
  static constexpr int ordering_field = 0, order_fields = 0;
  static constexpr int lookup_field = 0, lookup_fields = 0, lookup_url_kwarg = 0, lookups = 0;
};

/// Whether a class is silent about all that lists may have.
template <class Self>
concept declares_no_list = requires {
  with_names<Self, list_names>::pagination;
  with_names<Self, list_names>::filterset_fields;
  with_names<Self, list_names>::search_fields;
  with_names<Self, list_names>::ordering_fields;
  with_names<Self, list_names>::lookup;
};

/// Refuses names that are nearly right.
template <class Self>
consteval bool has_right_list_names() {
  if constexpr (!std::is_final_v<Self>) {
    using names = with_names<Self, list_names>;
    static_assert(
        requires {
          names::pagination_class;
          names::pagination_classes;
          names::paginations;
          names::paginator;
          names::Pagination;
        },
        "dcrf: this name is nearly right: pages are declared by `pagination`, as `using pagination "
        "= dcrf::limit_offset_pagination<...>`");
    static_assert(
        requires {
          names::filter_fields;
          names::filter_set_fields;
          names::filterset_field;
          names::filterset_class;
          names::filterset;
          names::filter_backends;
          names::filters;
          names::filtersets;
          names::filter_by;
        }, "dcrf: this name is nearly right: filters are declared by `filterset_fields`, as `using "
           "filterset_fields = dcrf::filterset_fields<dcrf::filter_by<&model::member>>`");
    static_assert(
        requires {
          names::search_field;
          names::searchfields;
        },
        "dcrf: this name is nearly right: what `search` looks into is declared by `search_fields`, "
        "as `using search_fields = dcrf::search_fields<&model::member>`");
    static_assert(
        requires {
          names::ordering_field;
          names::order_fields;
        }, "dcrf: this name is nearly right: what requests may order by is declared by "
           "`ordering_fields`, as `using ordering_fields = dcrf::ordering_fields<&model::member>`");
    static_assert(
        requires {
          names::lookup_field;
          names::lookup_fields;
          names::lookup_url_kwarg;
          names::lookups;
        },
        "dcrf: this name is nearly right: what rows are looked up by is declared by `lookup`, as "
        "`using lookup = dcrf::lookup_field<&model::member, \"argument\">`");
  }
  return true;
}

} // namespace dcrf::detail
