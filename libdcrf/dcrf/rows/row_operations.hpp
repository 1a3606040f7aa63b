#pragma once

#include "dcrf/listing/pagination.hpp"
#include "dcrf/rows/row_request.hpp"
#include "dcrf/runtime/runtime.hpp"
#include "dcrf/serializer/serializer_descriptor.hpp"
#include "dcrf/store/command.hpp"

namespace dcrf {

/// What consumers and views do with the rows of a model: reads the input, looks up what it refers
/// to, runs the hooks, sends the command and shows the row. It works on descriptors, whatever the
/// model, and belongs to one request. Its tasks end before it does.
class row_operations {
public:
  /// @param within, serializer, asking outlive it
  row_operations(const runtime& within, const serializer_descriptor& serializer,
                 const serializer_context& context, row_request& asking)
      : runtime_(&within),
        serializer_(&serializer),
        context_(context),
        asking_(&asking),
        hooks_(asking.hooks()) {}

  /// One page of rows, as the serializer shows them: a JSON list.
  /// @param x outlives the task
  task<json_text> list(page& x);

  /// The row that is looked up, loaded with what the serializer shows of it.
  /// @throws store_failure (not_found); what the request's `check` throws
  task<row> retrieve(lookup where);

  /// The row that is looked up, and nothing besides.
  /// @throws as retrieve
  task<row> find(lookup where);

  /// A new row from the data of the request, as it is after the hooks.
  /// @throws store_failure (invalid) with what is wrong with all fields; what a hook throws
  task<row> create();

  /// Changes the row that is looked up, before anything else is found wrong, by the data of the
  /// request; gives it as it is after the hooks.
  /// @param is_partial whether fields may be missing from the data
  /// @throws store_failure (not_found, invalid); what a hook throws
  task<row> update(lookup where, bool is_partial);

  /// Deletes the row that is looked up.
  /// @throws store_failure (not_found, restricted); what a hook throws
  task<> remove(lookup where);

  /// A row as the serializer shows it.
  [[nodiscard]] json_text shown(const row& x) const;

private:
  task<row> load(lookup where, fetch_plan plan);
  task<> reload(row& x);
  [[nodiscard]] bool asks_about_row_before() const;

  const runtime* runtime_;
  const serializer_descriptor* serializer_;
  serializer_context context_;
  row_request* asking_;
  row_hooks hooks_;
};

} // namespace dcrf
