#include "dcrf/store/internal/postgresql_statement.hpp"

#include "dcrf/store/internal/postgresql_backend.hpp"

#include <algorithm>

namespace dcrf::internal {

void postgresql_statement::bind(std::size_t index, const value& x) {
  parameters_.resize(std::max(parameters_.size(), index + 1));
  parameters_[index] = postgresql::parameter_of(x);
}

bool postgresql_statement::execute() {
  result_ = on_.run(sql(), parameters_);
  // A transaction that failed is rolled back by COMMIT, which is not told as an error.
  if (sql() == "COMMIT" && result_.command() != sql()) {
    throw sql_error(sql_errc::other, "the transaction was rolled back");
  }
  return result_.has_row();
}

} // namespace dcrf::internal
