#pragma once

#include "dcrf/store/internal/backend.hpp"
#include "dcrf/store/internal/postgresql_pipeline.hpp"

#include <chrono>
#include <span>

namespace dcrf::internal {

/// References are looked at with each statement, unless a command defers them. Rows that a command
/// reads in order to write are locked, because other nodes write at the same time.
class postgresql_backend final : public backend {
public:
  [[nodiscard]] static bool is_url(std::string_view url) noexcept;

  /// @throws store_failure
  explicit postgresql_backend(const database_options& options);

  /// The connection itself, for statements that are not waited for.
  [[nodiscard]] postgresql::pipeline& line() noexcept { return pipeline_; }

  [[nodiscard]] const dialect& language() const noexcept override { return postgresql_dialect(); }
  [[nodiscard]] std::unique_ptr<statement> make_statement(std::string sql) override;
  void configure(connection& sql) override;

  [[nodiscard]] bool is_lost() const noexcept override { return pipeline_.is_lost(); }
  void look() noexcept override { pipeline_.look(); }
  void reconnect() override;
  void interrupt() noexcept override { pipeline_.interrupt(); }

  [[nodiscard]] std::string_view begin_statement(bool for_writing) const noexcept override;
  void wait_for_locks(connection& sql) override;
  void run_soon(connection& sql, std::string_view statement) override;
  bool take_back_begin() noexcept override;
  [[nodiscard]] bool statements_stand_alone() const noexcept override { return true; }
  [[nodiscard]] bool in_transaction() noexcept override {
    return pipeline_.has_deferred() || pipeline_.in_transaction();
  }

  /// Runs a statement, with those that were put off. A connection that turns out to be lost at the
  /// beginning of a transaction is made anew: nothing was done yet.
  /// @throws sql_error
  postgresql::result run(std::string_view statement,
                         std::span<const postgresql::parameter> parameters);
  [[nodiscard]] bool queries_stand_alone() const noexcept override { return true; }
  [[nodiscard]] bool errors_spoil_transaction() const noexcept override { return true; }
  // Statements have a timeout of their own.
  void restart_steps() noexcept override {}
  void defer_references(connection& sql) override;
  [[nodiscard]] bool has_dangling_references(connection& sql) override;

  void skip_key(connection& sql, const model_descriptor& model, std::int64_t key) override;
  void restart_keys(connection& sql, const model_descriptor& model) override;
  [[nodiscard]] std::optional<std::uint64_t> next_version(connection& sql) override;

  void tell_others(connection& sql, bool told) override;
  bool separate_savepoints(connection& sql) override;

  void begin_migration(connection& sql, bool for_writing) override;
  void end_migration(connection&) override { pipeline_.set_patience(patience_); }
  void write_nothing(connection& sql) override;
  void prepare_schema(connection& sql, const std::vector<table_spec>& tables) override;
  void change_column(connection& sql, const table_info& found, const column_spec& wanted,
                     const std::string& expression) override;
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

private:
  void refuse_transaction_pooler();

  using clock = std::chrono::steady_clock;

  const database_options options_;
  // Who runs statements on it; set when it is configured.
  connection* owner_ = nullptr;
  // Tells the changes of this program from those of others.
  const std::string node_ = uuid::random().to_string();
  postgresql::pipeline pipeline_;
  // How long an answer is waited for.
  std::chrono::milliseconds patience_;
  bool are_references_deferred_ = false;
  // After an attempt to connect that failed.
  std::chrono::milliseconds delay_{0};
  clock::time_point next_attempt_{};
};

} // namespace dcrf::internal
