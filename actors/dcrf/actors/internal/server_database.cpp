#include "dcrf/actors/internal/server_database.hpp"

#include "dcrf/actors/internal/database_commands.hpp"
#include "dcrf/actors/internal/server_parts.hpp"
#include "dcrf/actors/internal/store_options.hpp"

#include <spdlog/spdlog.h>

#include <cstddef>
#include <exception>
#include <future>
#include <utility>

namespace dcrf::internal {

namespace {

// How often it is tried to reach a database that is waited for.
constexpr std::chrono::milliseconds between_attempts{1000};

constexpr std::size_t rows_told_per_second = 10;

} // namespace

server_database::server_database(caf::actor_system& system, const actor_system_config& config,
                                 const declarations& declared, group_directory& directory)
    : system_(&system),
      config_(&config),
      declared_(&declared),
      directory_(&directory),
      row_lines_(rows_told_per_second, std::chrono::seconds{1}) {}

// A row that can't be read is in every list that shows it.
void server_database::tell_of_row(const std::string& sentence) {
  if (told_rows_.is_new(sentence) && row_lines_.pass()) {
    spdlog::warn("database: {}", sentence);
  }
}

caf::error server_database::open(const pause_function& pause) {
  auto options = database_of(*config_, declared_->models);
  options.report = [this](const std::string& x) { tell_of_row(x); };
  auto deadline = std::chrono::steady_clock::now() + config_->database_wait;
  try {
    if (!config_->share_database) {
      lock_.emplace(options);
    }
    store_.emplace(*system_, std::move(options), declared_->models, *directory_);
    store_->resume_limit(config_->resume_limit);
    store_->on_gap([this](const model_descriptor* model) {
      directory_->publish_gap(config_->cluster.node_name, model);
    });
    while (!try_start(deadline)) {
      if (pause(between_attempts)) {
        return start_error("stopped while waiting for the database");
      }
    }
  } catch (const std::exception& failure) {
    return start_error(text_of(*config_, failure));
  }
  return caf::none;
}

// Whether the database could be reached; if not, it may be before the deadline.
bool server_database::try_start(std::chrono::steady_clock::time_point deadline) {
  try {
    auto mode = config_->migrate == "off" ? migration_mode::off : migration_mode::run;
    for (const auto& step : store_->start(declared_->migrations, mode)) {
      spdlog::info("database: {}", step);
    }
    return true;
  } catch (const store_failure& failure) {
    if (failure.error().code != store_errc::unavailable
        || std::chrono::steady_clock::now() >= deadline) {
      throw;
    }
    spdlog::warn("waiting for the database: {}", failure.what());
    return false;
  }
}

void server_database::stop() {
  if (store_) {
    store_->stop();
  }
}

void server_database::clear() {
  store_.reset();
  lock_.reset();
}

std::optional<feed::extent> server_database::ask_feed(bool prune) {
  if (!store_) {
    return std::nullopt;
  }
  std::promise<std::optional<feed::extent>> answer;
  store_->ask_feed(prune, [&answer](auto found) { answer.set_value(std::move(found)); });
  return answer.get_future().get();
}

} // namespace dcrf::internal
