#include "dcrf/actors/store/internal/store_health.hpp"

#include "dcrf/store/internal/snapshot_reader.hpp"
#include "dcrf/store/internal/write_trial.hpp"

#include <utility>

namespace dcrf::internal {

namespace {

bool can_write(const database_options& options) {
  try {
    try_to_write(options);
    return true;
  } catch (const store_failure&) {
    return false;
  }
}

} // namespace

store_health::store_health(const database_options& options, const schema& models,
                           command_queue& queue, quiet_work& quiet)
    : options_(&options), models_(&models), queue_(&queue), quiet_(&quiet) {
  queue.on_unavailable([this](const command& x) { note(x); });
}

// A read of PostgreSQL may have taken too long, which would only be worse if it was tried again and
// again.
void store_health::note(const command& x) {
  if (is_write(x) || x.transaction != 0) {
    failed_write_ = true;
  } else if (snapshot_reader::is_possible_for(*options_)) {
    failed_read_ = x;
  } else {
    return;
  }
  has_failed_ = true;
}

void store_health::try_again(std::function<void(bool)> done) {
  quiet_->run([this, done = std::move(done)] { retry(done); });
}

// A read comes first, because it also finds out whether the file at hand is still the one that was
// opened: nothing is to be written to another one.
void store_health::retry(const std::function<void(bool)>& done) {
  auto read = std::exchange(failed_read_, std::nullopt);
  if (!read) {
    read =
        command{count_command{.rows = {.model = models_->models().front()}, .exists_only = true}};
  }
  queue_->push(std::move(*read), [this, done](const store_result& x) {
    auto is_possible = !x.error || x.error->code != store_errc::unavailable;
    if (is_possible && failed_write_) {
      is_possible = can_write(*options_);
      failed_write_ = !is_possible;
    }
    // What failed now is noted again.
    has_failed_ = failed_write_ || failed_read_;
    done(is_possible);
  });
  pushed_();
}

} // namespace dcrf::internal
