#pragma once

#include "dcrf/store/internal/backend.hpp"
#include "dcrf/store/internal/sqlite_decimals.hpp"
#include "dcrf/store/internal/sqlite_files.hpp"

#include <soci/soci.h>

#include <chrono>

namespace dcrf::internal {

class sqlite_backend final : public backend {
public:
  /// @throws store_failure
  explicit sqlite_backend(const database_options& options);

  [[nodiscard]] const dialect& language() const noexcept override { return sqlite_dialect(); }
  [[nodiscard]] std::unique_ptr<statement> make_statement(std::string sql) override;
  void configure(connection& sql) override;
  void check_place(bool at_once) override;
  void finish(connection& sql) noexcept override;

  // A file is there or not.
  [[nodiscard]] bool is_lost() const noexcept override { return false; }
  void look() noexcept override {}
  void reconnect() override {}
  // Waits have the busy timeout.
  void interrupt() noexcept override {}

  // There is one lock, and a transaction that writes has it from its beginning.
  void wait_for_locks(connection&) override {}
  [[nodiscard]] std::string_view begin_statement(bool for_writing) const noexcept override {
    return for_writing ? "BEGIN IMMEDIATE" : "BEGIN";
  }
  [[nodiscard]] bool in_transaction() noexcept override;
  void run_soon(connection& sql, std::string_view statement) override;
  bool take_back_begin() noexcept override { return false; }
  [[nodiscard]] bool statements_stand_alone() const noexcept override { return false; }
  [[nodiscard]] bool queries_stand_alone() const noexcept override { return false; }
  [[nodiscard]] bool errors_spoil_transaction() const noexcept override { return false; }
  void restart_steps() noexcept override { steps_left_ = options_.step_limit; }

  // They always wait for the commit, and SQLite counts those that dangle.
  void defer_references(connection&) override {}
  [[nodiscard]] bool has_dangling_references(connection& sql) override;

  // SQLite counts on from the highest key that was there.
  void skip_key(connection&, const model_descriptor&, std::int64_t) override {}
  void restart_keys(connection& sql, const model_descriptor& model) override;
  [[nodiscard]] std::optional<std::uint64_t> next_version(connection&) override { return {}; }

  void tell_others(connection&, bool) override {}
  bool separate_savepoints(connection&) override { return false; }

  [[nodiscard]] std::unique_ptr<feed> make_feed(connection& sql, const schema& models,
                                                const feed_options& options) override;
  void interrupt_feed(connection& sql) override;

  void begin_migration(connection& sql, bool for_writing) override;
  void end_migration(connection& sql) override;
  void write_nothing(connection& sql) override;
  void prepare_schema(connection& sql, const std::vector<table_spec>& tables) override {
    note_decimals(sql, tables);
  }
  void change_column(connection& sql, const table_info& found, const column_spec& wanted,
                     const std::string& expression) override;
  void note_renamed(connection& sql, const new_name& x) override { rename_decimals(sql, x); }
  void check_references(connection& sql) override;
  [[nodiscard]] std::vector<std::string> table_names(connection& sql) override;
  [[nodiscard]] std::optional<table_info> read_table(connection& sql,
                                                     const std::string& name) override;
  [[nodiscard]] std::vector<check_info> read_checks(connection& sql,
                                                    const model_descriptor& model) override;
  [[nodiscard]] std::vector<check_info> checks_of(const model_descriptor& model,
                                                  const check_descriptor& check) override;
  [[nodiscard]] std::vector<std::string> create_check(const model_descriptor& model,
                                                      const check_info& wanted) override;
  [[nodiscard]] std::string drop_check(const model_descriptor& model,
                                       const std::string& name) override;
  void release_columns(connection& sql, const std::string& table) override;

private:
  void extend_log(connection& sql);

  using clock = std::chrono::steady_clock;

  const database_options options_;
  std::int64_t steps_left_;
  sqlite_files files_;
  sqlite_files::state place_ = sqlite_files::state::in_place;
  clock::time_point looked_at_{};
  soci::session session_;
};

} // namespace dcrf::internal
