#pragma once

#include "dcrf/store/internal/postgresql_pipeline.hpp"
#include "dcrf/store/internal/statement.hpp"

#include <vector>

namespace dcrf::internal {

class postgresql_backend;

/// Parameters go to PostgreSQL as text, whose types it infers from where they stand.
class postgresql_statement final : public statement {
public:
  postgresql_statement(postgresql_backend& on, std::string sql)
      : statement(std::move(sql)), on_(on) {}

  void bind(std::size_t index, const value& x) override;
  bool execute() override;
  bool next() override { return result_.next(); }
  void reset() noexcept override { result_.clear(); }
  [[nodiscard]] std::int64_t changed_rows() override { return result_.changed_rows(); }
  [[nodiscard]] std::int64_t inserted_key() override { return integer(0); }
  // PostgreSQL does not tell.
  [[nodiscard]] bool changed_others() override { return false; }

  [[nodiscard]] std::size_t columns() const override { return result_.columns(); }
  [[nodiscard]] storage type(std::size_t column) const override { return result_.type(column); }
  [[nodiscard]] std::int64_t integer(std::size_t column) const override {
    return result_.integer(column);
  }
  [[nodiscard]] double real(std::size_t column) const override { return result_.real(column); }
  [[nodiscard]] std::string_view text(std::size_t column) const override {
    return result_.text(column);
  }

private:
  postgresql_backend& on_;
  std::vector<postgresql::parameter> parameters_;
  postgresql::result result_;
};

} // namespace dcrf::internal
