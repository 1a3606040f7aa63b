#include "dcrf/store/internal/write_trial.hpp"

#include "dcrf/store/internal/connection.hpp"

namespace dcrf {

namespace {

database_options for_trial(database_options options) {
  options.outside = outside_changes::off;
  options.feed = {};
  return options;
}

} // namespace

void try_to_write(const database_options& options) {
  internal::connection sql{for_trial(options)};
  try {
    sql.begin(true);
    sql.kind().write_nothing(sql);
    sql.commit();
  } catch (const internal::sql_error& e) {
    throw store_failure(store_errc::unavailable, e.what());
  }
}

} // namespace dcrf
