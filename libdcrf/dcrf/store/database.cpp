#include "dcrf/store/database.hpp"

#include "dcrf/store/internal/execute.hpp"
#include "dcrf/store/internal/migration.hpp"
#include "dcrf/store/internal/row_check.hpp"
#include "dcrf/store/internal/row_writer.hpp"
#include "dcrf/store/internal/store.hpp"

#include <utility>

namespace dcrf {

database::database(database_options options, schema models)
    : connection_(std::make_unique<connection>(std::move(options), std::move(models))) {}

database::database(database&&) noexcept = default;
database& database::operator=(database&&) noexcept = default;
database::~database() = default;

std::vector<std::string> database::migrate() {
  try {
    auto steps = internal::migrate(connection_->sql, connection_->models, {}, migration_mode::run,
                                   connection_->options);
    if (!connection_->options.read_only) {
      connection_->open_feed();
    }
    return steps;
  } catch (const internal::sql_error& e) {
    throw internal::failure_of(*connection_, e);
  }
}

std::vector<std::string> migrate(const database_options& options, const schema& models,
                                 const std::vector<migration>& migrations, migration_mode mode) {
  internal::store at{options, models};
  try {
    return internal::migrate(at.sql, at.models, migrations, mode, at.options);
  } catch (const internal::sql_error& e) {
    throw internal::failure_of(at, e);
  }
}

std::vector<std::string> database::find_unreadable() {
  return internal::find_unreadable(*connection_);
}

void database::load_with_changes(plans_of_change shown, plans_of_change grouped) {
  connection_->plans_of_change = std::move(shown);
  connection_->groups_of_change = std::move(grouped);
}

void database::load(const model_descriptor& model, row& x, const fetch_plan& plan,
                    const deleted_rows* gone) {
  std::vector<row> rows(1);
  std::swap(rows.front(), x);
  try {
    connection_->sql.restore();
    internal::fetch_related(*connection_, model, plan, rows, gone);
  } catch (const internal::sql_error& e) {
    throw internal::failure_of(*connection_, e);
  }
  std::swap(rows.front(), x);
}

std::uint64_t database::version() const noexcept { return connection_->committed_version(); }

std::uint64_t database::commits() const noexcept { return connection_->commits(); }

feed_position_ptr database::position() const { return connection_->position(); }

feed* database::changes() noexcept { return connection_->log.get(); }

void database::open_feed() {
  try {
    if (connection_->log) {
      connection_->open_feed();
    }
  } catch (const internal::sql_error& e) {
    throw internal::failure_of(*connection_, e);
  }
}

bool database::prune(bool all) {
  try {
    bool has_more = connection_->log && connection_->log->prune(all);
    return (!connection_->options.read_only && connection_->once.prune()) || has_more;
  } catch (const internal::sql_error& e) {
    throw internal::failure_of(*connection_, e);
  }
}

std::optional<feed::extent> database::kept() {
  try {
    return connection_->log ? std::optional{connection_->log->size()} : std::nullopt;
  } catch (const internal::sql_error& e) {
    throw internal::failure_of(*connection_, e);
  }
}

void database::interrupt() noexcept { connection_->sql.kind().interrupt(); }

const schema& database::models() const noexcept { return connection_->models; }

const database_options& database::options() const noexcept { return connection_->options; }

} // namespace dcrf
