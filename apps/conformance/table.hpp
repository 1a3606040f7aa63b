#pragma once

#include "dcrf/runtime/runtime.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conformance {

/// The rows of any model, read and written as columns, without a serializer and its validation: how
/// another process would reach the database.
class table {
public:
  /// @throws dcrf::validation_error if there is no such model
  table(const dcrf::runtime& within, std::string_view model);
  table(const dcrf::runtime& within, const dcrf::model_descriptor& model);

  /// The primary key that `pk` says.
  /// @throws dcrf::object_not_found if it can't be one
  [[nodiscard]] dcrf::value key(const dcrf::json_text& pk) const;

  // `fields` are objects of columns: references by primary key, times and UUIDs as text.

  /// Makes a row; returns its primary key.
  [[nodiscard]] dcrf::task<dcrf::value> create(dcrf::json_text fields) const;
  [[nodiscard]] dcrf::task<> update(dcrf::value key, dcrf::json_text fields) const;
  [[nodiscard]] dcrf::task<> remove(dcrf::value key) const;
  /// All columns by name, and the keys that each many-to-many relation relates to.
  [[nodiscard]] dcrf::task<dcrf::json_text> get(dcrf::value key) const;
  [[nodiscard]] dcrf::task<std::int64_t> count() const;

  // What they return is the number of rows.

  [[nodiscard]] dcrf::task<std::int64_t> bulk_create(std::vector<dcrf::json_text> rows,
                                                     dcrf::bulk_events events) const;
  [[nodiscard]] dcrf::task<std::int64_t> bulk_update(dcrf::json_text fields,
                                                     dcrf::bulk_events events) const;
  [[nodiscard]] dcrf::task<std::int64_t> bulk_delete(dcrf::bulk_events events) const;
  /// Deletes all rows, and counts keys from 1 again.
  [[nodiscard]] dcrf::task<> clear() const;

  /// Changes what a many-to-many relation, known by its name on either side, relates to a row.
  [[nodiscard]] dcrf::task<> relate(dcrf::value key, std::string relation,
                                    dcrf::relate_command::how mode,
                                    std::vector<dcrf::json_text> keys) const;

private:
  using columns = std::vector<std::pair<std::size_t, dcrf::value>>;

  template <class Body>
  [[nodiscard]] dcrf::task<dcrf::store_result> ask(Body body) const;

  [[nodiscard]] columns read(const dcrf::json_text& fields) const;
  [[nodiscard]] dcrf::record new_row(const dcrf::json_text& fields) const;
  [[nodiscard]] dcrf::lookup where(dcrf::value key) const;
  [[nodiscard]] dcrf::selection all() const;

  dcrf::runtime within_;
  const dcrf::model_descriptor* model_;
};

} // namespace conformance
