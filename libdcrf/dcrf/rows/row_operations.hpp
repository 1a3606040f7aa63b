#pragma once

#include "dcrf/listing/pagination.hpp"
#include "dcrf/rows/row_request.hpp"
#include "dcrf/runtime/question.hpp"
#include "dcrf/runtime/runtime.hpp"
#include "dcrf/serializer/serializer_descriptor.hpp"
#include "dcrf/store/command.hpp"

namespace dcrf {

/// What consumers and views do with the rows of a model: reads the input, looks up what it refers
/// to, runs the hooks, sends the command and shows the row. It works on descriptors, whatever the
/// model, and belongs to one request. Its tasks end before it does. What the store answers is a
/// value, a row that is not there as well; what the application's hooks throw goes through.
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
  task<answered<json_text>> list(page& x);

  /// The row that is looked up, loaded with what the serializer shows of it; not_found.
  /// @throws what the request's `check` throws
  task<answered<row>> retrieve(lookup where);

  /// The row that is looked up, and nothing besides; not_found.
  /// @throws as retrieve
  task<answered<row>> find(lookup where);

  /// A new row from the data of the request, as it is after the hooks; `invalid` with what is wrong
  /// with all fields.
  /// @throws what a hook throws
  task<answered<row>> create();

  /// Changes the row that is looked up, before anything else is found wrong, by the data of the
  /// request; gives it as it is after the hooks; not_found, `invalid`.
  /// @param is_partial whether fields may be missing from the data
  /// @throws what a hook throws
  task<answered<row>> update(lookup where, bool is_partial);

  /// Deletes the row that is looked up; not_found, restricted.
  /// @throws what a hook throws
  task<answered<void>> remove(lookup where);

  /// A row as the serializer shows it.
  [[nodiscard]] json_text shown(const row& x) const;

private:
  task<answered<row>> load(lookup where, fetch_plan plan);
  task<answered<row>> reloaded(row x);
  [[nodiscard]] bool asks_about_row_before() const;

  const runtime* runtime_;
  const serializer_descriptor* serializer_;
  serializer_context context_;
  row_request* asking_;
  row_hooks hooks_;
};

} // namespace dcrf
