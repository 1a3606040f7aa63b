#pragma once

#include "dcrf/store/internal/statement.hpp"

#include <soci/soci.h>

#include <deque>
#include <optional>

namespace dcrf::internal {

/// Parameters go to PostgreSQL as text, whose types it infers from where they stand.
class postgresql_statement final : public statement {
public:
  postgresql_statement(soci::session& session, std::string sql)
      : statement(std::move(sql)), session_(session) {}

  void bind(std::size_t index, const value& x) override;
  bool execute() override;
  bool next() override;
  void reset() noexcept override;
  [[nodiscard]] std::int64_t changed_rows() override;
  [[nodiscard]] std::int64_t inserted_key() override { return integer(0); }
  // PostgreSQL does not tell.
  [[nodiscard]] bool changed_others() override { return false; }

  [[nodiscard]] storage type(std::size_t column) const override;
  [[nodiscard]] std::int64_t integer(std::size_t column) const override;
  [[nodiscard]] double real(std::size_t column) const override;
  [[nodiscard]] std::string_view text(std::size_t column) const override;

private:
  struct slot {
    std::string text;
    soci::indicator indicator = soci::i_null;
  };

  void prepare();
  void bind_slots();

  soci::session& session_;
  std::deque<slot> slots_;
  std::optional<soci::statement> prepared_;
  int row_ = 0;
};

} // namespace dcrf::internal
