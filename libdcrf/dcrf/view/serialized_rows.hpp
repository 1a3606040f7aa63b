#pragma once

#include "dcrf/listing/filters.hpp"
#include "dcrf/listing/pagination.hpp"
#include "dcrf/rows/row_operations.hpp"
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
  /// What the query of a request may choose of a list; may be null.
  const list_filters* filters = nullptr;
  const pagination_descriptor* pagination = nullptr;
};

// `asking` outlives the tasks.
task<view_response> list_rows(row_access x, row_request& asking);
task<view_response> retrieve_row(row_access x, row_request& asking);
task<view_response> create_row(row_access x, row_request& asking);
task<view_response> update_row(row_access x, bool is_partial, row_request& asking);
task<view_response> destroy_row(row_access x, row_request& asking);
/// The row that the parameter names, loaded with what the serializer shows.
/// @throws not_found, store_failure (not_found) if there is none
task<row> find_row(row_access x, row_request& asking);

/// Functions in the place of a row_request's; each may be empty.
struct row_functions {
  using on_input = std::function<task<>(validated_input&)>;
  using on_row = std::function<task<>(const instance&)>;

  std::function<void(const instance&)> check{};
  on_input before_create{};
  on_input before_update{};
  on_row before_delete{};
  on_row after_create{};
  on_row after_update{};
  on_row after_delete{};
};

enum class row_action { list, retrieve, create, update, partial_update, destroy };

task<view_response> run_row_action(row_action which, row_access x, row_functions hooks);

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
/// Permissions are asked about rows where a function for that is given.
///
/// What a list chooses by the query of the request, its pages, and what runs around a write are
/// said before:
///
///     return dcrf::serialized_rows<item_serializer>{req}
///         .filtered_by<dcrf::filterset_fields<dcrf::filter_by<&item::rank, "gte">>>()
///         .paginated_by<dcrf::limit_offset_pagination<dcrf::default_limit<20>>>()
///         .list();
template <serializer_type S>
class serialized_rows {
public:
  using model_type = typename S::model_type;
  /// May change what is about to be written; an exception keeps it from being written.
  using input_hook = std::function<task<>(validated<model_type>&)>;
  using row_hook = std::function<task<>(const model_type&)>;

  /// @param req outlives the tasks
  /// @param parameter a literal
  explicit serialized_rows(view_request& req, query<model_type> rows = {},
                           std::string_view parameter = "pk")
      : access_{&req, &serializer_of<S>(), std::move(rows).get(),
                model_of<model_type>().primary_key, parameter} {}
  template <class T>
    requires(!std::same_as<T, model_type>)
  serialized_rows(view_request&, const query<T>&, std::string_view = "pk") {
    static_assert(std::same_as<T, model_type>,
                  "dcrf: serialized_rows<Serializer> shows rows of the serializer's own model");
  }

  // -- what is said before ------------------------------------------------------------------------

  /// What the query of the request may choose: `filterset_fields<…>`, `search_fields<…>` and
  /// `ordering_fields<…>`.
  template <class... Filters>
  [[nodiscard]] serialized_rows filtered_by() && {
    static const auto filters = [] {
      list_filters result;
      (Filters::add(result), ...);
      return result;
    }();
    access_.filters = &filters;
    return std::move(*this);
  }

  /// The pages of the list, as `using pagination` of a consumer.
  template <class Pagination>
  [[nodiscard]] serialized_rows paginated_by() && {
    access_.pagination = &Pagination::descriptor;
    return std::move(*this);
  }

  /// Asked about a row that is looked up; throws if the client may not have it.
  [[nodiscard]] serialized_rows checked_by(std::function<void(const instance&)> check) && {
    hooks_.check = std::move(check);
    return std::move(*this);
  }

  [[nodiscard]] serialized_rows before_create(input_hook run) && {
    hooks_.before_create = on_input(std::move(run));
    return std::move(*this);
  }
  [[nodiscard]] serialized_rows before_update(input_hook run) && {
    hooks_.before_update = on_input(std::move(run));
    return std::move(*this);
  }
  [[nodiscard]] serialized_rows before_delete(row_hook run) && {
    hooks_.before_delete = on_row(std::move(run));
    return std::move(*this);
  }

  // Run when the row was written, before the answer, which shows the row as they leave it.

  [[nodiscard]] serialized_rows after_create(row_hook run) && {
    hooks_.after_create = on_row(std::move(run));
    return std::move(*this);
  }
  [[nodiscard]] serialized_rows after_update(row_hook run) && {
    hooks_.after_update = on_row(std::move(run));
    return std::move(*this);
  }
  [[nodiscard]] serialized_rows after_delete(row_hook run) && {
    hooks_.after_delete = on_row(std::move(run));
    return std::move(*this);
  }

  // -- answers ------------------------------------------------------------------------------------

  /// All rows, or a page of them: 200.
  task<view_response> list() const { return run(detail::row_action::list); }
  /// One row: 200.
  task<view_response> retrieve() const { return run(detail::row_action::retrieve); }
  /// A new row from the data: 201.
  task<view_response> create() const { return run(detail::row_action::create); }
  /// Changes one row by data that must have every required field: 200.
  task<view_response> update() const { return run(detail::row_action::update); }
  /// Changes the fields of one row that the data has: 200.
  task<view_response> partial_update() const { return run(detail::row_action::partial_update); }
  /// Deletes one row: 204.
  task<view_response> destroy() const { return run(detail::row_action::destroy); }

private:
  static detail::row_functions::on_input on_input(input_hook run) {
    return [run = std::move(run)](validated_input& input) -> task<> {
      validated<model_type> data{input};
      co_await run(data);
    };
  }
  static detail::row_functions::on_row on_row(row_hook run) {
    return [run = std::move(run)](const instance& x) -> task<> {
      auto row = x.as<model_type>();
      co_await run(row);
    };
  }

  task<view_response> run(detail::row_action which) const {
    return detail::run_row_action(which, access_, hooks_);
  }

  detail::row_access access_;
  detail::row_functions hooks_{};
};

} // namespace dcrf
