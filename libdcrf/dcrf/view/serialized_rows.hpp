#pragma once

#include "dcrf/listing/filters.hpp"
#include "dcrf/listing/pagination.hpp"
#include "dcrf/serializer/serializer.hpp"
#include "dcrf/view/view_request.hpp"
#include "dcrf/view/view_response.hpp"

#include <functional>
#include <string_view>
#include <utility>

namespace dcrf {

namespace detail {

/// What a view does with rows: which ones, how they are shown and read, and what names one of them.
struct row_access {
  view_request* req;
  const serializer_descriptor* serializer;
  selection rows;
  /// The field that a row is looked up by, and the parameter that names its value.
  std::size_t field;
  std::string_view parameter;
  /// Throws if the client may not have the row that was looked up; may be empty.
  std::function<void(const instance&)> check{};
  /// What the query of a request may choose of a list; may be null.
  const list_filters* filters = nullptr;
  const pagination_descriptor* pagination = nullptr;
};

/// May change what is about to be written; called if there are no errors so far.
using input_hook = std::function<task<>(validated_input&)>;
/// May refuse to delete the row.
using row_hook = std::function<task<>(const instance&)>;

task<view_response> list_rows(row_access x);
task<view_response> retrieve_row(row_access x);
task<view_response> create_row(row_access x, input_hook before);
task<view_response> update_row(row_access x, bool is_partial, input_hook before);
task<view_response> destroy_row(row_access x, row_hook before);
/// The row that the parameter names.
/// @throws not_found, store_failure (not_found) if there is none
task<row> find_row(row_access x);
json_text shown_row(const row_access& x, const row& found);

} // namespace detail

/// The rows of a query, as a serializer shows them in the answers of a view and reads them from the
/// data of its requests: DRF's generic views.
///
///     dcrf::task<dcrf::view_response> patch(dcrf::view_request& req) {
///       return dcrf::serialized_rows<item_serializer>{req}.partial_update();
///     }
///
/// One row is the one whose primary key is the request's parameter `pk`, or another that is named;
/// if there is none, that is 404. Input that is wrong is answered with 400 and the errors by field.
/// Permissions are not asked about rows.
template <serializer_type S>
class serialized_rows {
public:
  /// @param req outlives the tasks
  /// @param parameter a literal
  explicit serialized_rows(view_request& req, query<typename S::model_type> rows = {},
                           std::string_view parameter = "pk")
      : access_{&req, &serializer_of<S>(), std::move(rows).get(),
                model_of<typename S::model_type>().primary_key, parameter} {}

  /// All rows: 200.
  [[nodiscard]] task<view_response> list() const { return detail::list_rows(access_); }
  /// One row: 200.
  [[nodiscard]] task<view_response> retrieve() const { return detail::retrieve_row(access_); }
  /// A new row from the data: 201.
  [[nodiscard]] task<view_response> create() const { return detail::create_row(access_, nullptr); }
  /// Changes one row by data that must have every required field: 200.
  [[nodiscard]] task<view_response> update() const {
    return detail::update_row(access_, false, nullptr);
  }
  /// Changes the fields of one row that the data has: 200.
  [[nodiscard]] task<view_response> partial_update() const {
    return detail::update_row(access_, true, nullptr);
  }
  /// Deletes one row: 204.
  [[nodiscard]] task<view_response> destroy() const {
    return detail::destroy_row(access_, nullptr);
  }

private:
  detail::row_access access_;
};

} // namespace dcrf
