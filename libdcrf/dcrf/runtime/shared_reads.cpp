#include "dcrf/runtime/shared_reads.hpp"

#include "dcrf/serializer/serializer_descriptor.hpp"

#include <algorithm>
#include <utility>

namespace dcrf {

std::shared_ptr<shared_row> shared_reads::row(lookup where,
                                              const serializer_descriptor& serializer) {
  auto found = std::ranges::find_if(
      rows_, [&](const auto& x) { return x->serializer == &serializer && x->where == where; });
  if (found != rows_.end()) {
    return *found;
  }
  auto result = std::make_shared<shared_row>(
      shared_row{.where = std::move(where), .serializer = &serializer});
  if (is_open_) {
    rows_.push_back(result);
  }
  return result;
}

// Whoever goes away with a question open leaves it to the next one.
shared_read_call::~shared_read_call() {
  auto& waiting = row_->waiting;
  std::erase(waiting, this);
  if (is_asking_ && !waiting.empty()) {
    auto* next = waiting.front();
    waiting.erase(waiting.begin());
    next->ask_store();
  }
}

void shared_read_call::ask(ticket answer) {
  ticket_ = answer;
  if (row_->is_asked_for) {
    row_->waiting.push_back(this);
  } else {
    ask_store();
  }
}

void shared_read_call::ask_store() {
  row_->is_asked_for = true;
  is_asking_ = true;
  command retrieve;
  retrieve.body = retrieve_command{.where = row_->where, .plan = row_->serializer->plan()};
  where().submit(std::move(retrieve), ticket_);
}

// What resumes here may end others who wait.
void shared_read_call::answered() {
  is_asking_ = false;
  row_->found = take_any();
  auto shared = row_;
  while (!shared->waiting.empty()) {
    auto* next = shared->waiting.front();
    shared->waiting.erase(shared->waiting.begin());
    next->wake();
  }
}

const row* shared_read_call::await_resume() {
  if (is_asking_) {
    answered();
  }
  if (row_->found->is_missing()) {
    return nullptr;
  }
  row_->found->check();
  return &row_->found->rows.front();
}

} // namespace dcrf
