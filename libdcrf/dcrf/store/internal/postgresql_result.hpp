#pragma once

#include "dcrf/store/internal/sql_error.hpp"
#include "dcrf/store/internal/statement.hpp"

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace dcrf::internal::postgresql {

[[nodiscard]] sql_errc code_of(std::string_view sqlstate) noexcept;

/// What a statement came to: an error, or rows, of which the first one is at hand.
class result final : public found_row {
public:
  result() noexcept = default;
  explicit result(PGresult* x) noexcept : result_(x) {}
  result(result&& other) noexcept : result_(std::move(other.result_)), row_(other.row_) {}
  result& operator=(result&& other) noexcept {
    result_ = std::move(other.result_);
    row_ = other.row_;
    return *this;
  }
  ~result() override = default;

  [[nodiscard]] ExecStatusType status() const noexcept { return PQresultStatus(result_.get()); }
  [[nodiscard]] bool is_error() const noexcept;
  /// Whether it was not run, because one before it in its batch failed.
  [[nodiscard]] bool is_skipped() const noexcept { return status() == PGRES_PIPELINE_ABORTED; }
  /// @pre it is an error
  [[nodiscard]] sql_error error() const;
  /// Whether the statement was prepared for a table that has changed since, and works again once it
  /// is prepared anew.
  [[nodiscard]] bool is_outdated() const noexcept;

  /// Whether it took longer than a statement may, or somebody has cancelled it.
  [[nodiscard]] bool is_cancelled() const noexcept;

  /// What was done: `COMMIT`, `INSERT 0 1`.
  [[nodiscard]] std::string_view command() const noexcept;
  [[nodiscard]] std::int64_t changed_rows() const noexcept;

  [[nodiscard]] bool has_row() const noexcept { return row_ < PQntuples(result_.get()); }
  /// Goes to the next row.
  /// @returns whether there is one
  bool next() noexcept {
    ++row_;
    return has_row();
  }
  void clear() noexcept { result_.reset(); }

  // -- implementation of found_row ----------------------------------------------------------------

  [[nodiscard]] std::size_t columns() const override {
    return static_cast<std::size_t>(PQnfields(result_.get()));
  }
  [[nodiscard]] storage type(std::size_t column) const override;
  [[nodiscard]] std::int64_t integer(std::size_t column) const override;
  [[nodiscard]] double real(std::size_t column) const override;
  [[nodiscard]] std::string_view text(std::size_t column) const override;

private:
  struct free {
    void operator()(PGresult* x) const noexcept { PQclear(x); }
  };

  [[nodiscard]] std::string_view field(int name) const noexcept;
  [[nodiscard]] unsigned type_number(std::size_t column) const noexcept;
  [[nodiscard]] std::uint8_t places(std::size_t column) const noexcept;

  std::unique_ptr<PGresult, free> result_;
  int row_ = 0;
};

} // namespace dcrf::internal::postgresql
