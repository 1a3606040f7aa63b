#pragma once

#include "dcrf/json/json_view.hpp"
#include "dcrf/model/instance.hpp"
#include "dcrf/runtime/task.hpp"
#include "dcrf/serializer/validated.hpp"

namespace dcrf {

/// Which parts of a row_request have something to say. What has nothing is not asked, and costs
/// nothing.
struct row_hooks {
  /// `check`
  bool checks_rows = false;
  /// `before_create`, `before_update`, `before_delete`
  bool before_writes = false;
  /// `after_create`, `after_update`
  bool after_writes = false;
  /// `after_delete`
  bool after_deletes = false;
};

/// A request as the operations on rows see it: its data, and what the application does around a
/// write. Consumers and views each have one.
class row_request {
public:
  row_request(const row_request&) = delete;
  row_request& operator=(const row_request&) = delete;

  [[nodiscard]] virtual row_hooks hooks() const = 0;

  /// The data to write. The view is valid until something else is read, or awaited.
  /// @throws validation_error, api_exception if there is none
  [[nodiscard]] virtual json_view data() const = 0;

  /// Asks the permissions about a row that was looked up.
  /// @throws api_exception if the client may not have it
  virtual void check(const instance&) const {}

  // Run if no error was found so far. They may change what is about to be written; an exception
  // keeps it from being written.
  virtual task<> before_create(validated_input&) { return {}; }
  virtual task<> before_update(validated_input&) { return {}; }
  virtual task<> before_delete(const instance&) { return {}; }

  // Run when the row was written. An exception is what the client gets, though the row remains.
  virtual task<> after_create(const instance&) { return {}; }
  virtual task<> after_update(const instance&) { return {}; }
  virtual task<> after_delete(const instance&) { return {}; }

  /// Called before the command that writes: nothing but it, the hooks after it and the answer is
  /// left.
  virtual void writes_now() {}

protected:
  row_request() = default;
  ~row_request() = default;
};

} // namespace dcrf
