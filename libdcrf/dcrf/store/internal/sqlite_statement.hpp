#pragma once

#include "dcrf/store/internal/statement.hpp"

#include <soci/soci.h>

#include <deque>
#include <optional>

namespace dcrf::internal {

class sqlite_statement final : public statement {
public:
  sqlite_statement(soci::session& session, std::string sql)
      : statement(std::move(sql)), session_(session) {}

  void bind(std::size_t index, const value& x) override;
  bool execute() override;
  bool next() override;
  void reset() noexcept override;
  [[nodiscard]] std::int64_t changed_rows() override;
  [[nodiscard]] std::int64_t inserted_key() override;
  [[nodiscard]] bool changed_others() override;

  [[nodiscard]] std::size_t columns() const override;
  [[nodiscard]] storage type(std::size_t column) const override;
  [[nodiscard]] std::int64_t integer(std::size_t column) const override;
  [[nodiscard]] double real(std::size_t column) const override;
  [[nodiscard]] std::string_view text(std::size_t column) const override;

private:
  struct slot {
    storage type = storage::null;
    long long integer = 0;
    double real = 0;
    std::string text;
    soci::indicator indicator = soci::i_null;
  };

  void prepare();
  void set_type(slot& x, storage type);

  soci::session& session_;
  std::deque<slot> slots_;
  std::optional<soci::statement> prepared_;
  std::int64_t changes_before_ = 0;
};

} // namespace dcrf::internal
