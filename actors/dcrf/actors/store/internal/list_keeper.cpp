#include "dcrf/actors/store/internal/list_keeper.hpp"

#include "dcrf/actors/sessions/internal/actor_context.hpp"

#include <chrono>

namespace dcrf::internal {

namespace {

// How soon it is tried again to read a list.
constexpr std::chrono::milliseconds reading_delay{200};

} // namespace

void list_keeper::watch(list_question x, std::function<void(list_state_ptr)> done) {
  std::lock_guard lock{mutex_};
  questions_.emplace_back(std::move(x), std::move(done));
  if (questions_.size() == 1) {
    with_.thread.post([this] { take_questions(); });
  }
}

void list_keeper::take_questions() {
  std::lock_guard lock{mutex_};
  for (auto& [question, done] : std::exchange(questions_, {})) {
    with_.lists.ask(std::move(question), std::move(done));
  }
}

void list_keeper::resume() {
  if (with_.quiet.is_quiet() && std::exchange(has_unseen_, false)) {
    with_.lists.lose();
  }
}

void list_keeper::read_later() {
  if (!is_scheduled_ && !is_stopped_ && !with_.lists.is_current()) {
    is_scheduled_ = true;
    with_.thread.post([this] {
      with_.quiet.run([this] {
        is_scheduled_ = false;
        read_some();
      });
    });
  }
}

// What was not announced yet would be seen before it is told.
void list_keeper::read_some() {
  if (is_stopped_ || retry_.is_pending()) {
    return;
  }
  if (with_.announcing.has_waiting() || !read()) {
    retry_ = with_.thread.after(reading_delay, [this] { read_later(); });
  } else {
    read_later();
  }
  with_.thread.hand_over();
}

void list_keeper::read_all() {
  while (with_.quiet.is_quiet() && !with_.announcing.has_waiting() && !with_.lists.is_current()
         && read()) {
  }
}

bool list_keeper::read() {
  auto progress = with_.lists.step();
  size_ = with_.lists.size();
  if (progress == live_lists::progress::failed || progress == live_lists::progress::faulty) {
    detail::log_failure("reading a list that is watched", with_.lists.failure());
  }
  if (progress == live_lists::progress::failed) {
    return false;
  }
  if (with_.lists.is_current()) {
    with_.announcing.tell_positions();
  }
  return true;
}

void list_keeper::stop() {
  is_stopped_ = true;
  retry_.cancel();
}

} // namespace dcrf::internal
