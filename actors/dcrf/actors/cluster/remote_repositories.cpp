#include "dcrf/actors/cluster/remote_repositories.hpp"

#include "dcrf/actors/pinned.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <future>
#include <latch>
#include <stdexcept>
#include <string>
#include <utility>

namespace dcrf::cluster {

namespace {

// Longer than a transaction may keep others waiting (command_queue::limits).
constexpr std::chrono::seconds request_timeout{15};
constexpr std::chrono::milliseconds watch_interval{250};

} // namespace

// The actor that stands for one repository of the other node.
class remote_repositories::front final : public pinned_actor {
public:
  using signatures = repository_actor::signatures;

  front(caf::actor_config& config, pinning_unit& unit, remote_repositories& owner)
      : pinned_actor(config, unit), owner_(&owner) {}

  caf::behavior make_behavior() override {
    return {
        [this](command& x) {
          auto promise = make_response_promise<store_result>();
          owner_->execute(std::move(x), [promise](store_result result) mutable {
            promise.deliver(std::move(result));
          });
          return promise;
        },
        [this](const abandon_transaction& x) { owner_->abandon(x.transaction); },
    };
  }

  const char* name() const override { return "dcrf.remote_repository"; }

private:
  remote_repositories* owner_;
};

remote_repositories::remote_repositories(io_thread& thread, const schema& models, line to)
    : thread_(&thread), models_(&models), line_(std::move(to)) {
  for (const auto* model [[maybe_unused]] : models.models()) {
    actors_.push_back(caf::actor_cast<repository_actor>(spawn_pinned<front>(thread, *this)));
  }
}

remote_repositories::~remote_repositories() { stop(); }

void remote_repositories::stop() {
  if (actors_.empty()) {
    return;
  }
  std::promise<void> answered_all;
  thread_->post([this, &answered_all] {
    lost();
    watch_.cancel();
    answered_all.set_value();
  });
  answered_all.get_future().wait();
  std::latch ended{static_cast<std::ptrdiff_t>(actors_.size())};
  for (const auto& actor : actors_) {
    actor->attach_functor([&ended] { ended.count_down(); });
    caf::anon_send_exit(actor, caf::exit_reason::kill);
  }
  ended.wait();
  actors_.clear();
}

const repository_actor& remote_repositories::repository(const model_descriptor& model) const {
  auto found = std::ranges::find(models_->models(), &model);
  if (found == models_->models().end() || actors_.empty()) {
    throw std::out_of_range("no database is open that has the model " + std::string{model.name});
  }
  return actors_[static_cast<std::size_t>(found - models_->models().begin())];
}

// -- commands -------------------------------------------------------------------------------------

void remote_repositories::execute(command x, answer_function answer) {
  if (!is_linked_) {
    refuse(answer, "the node with the database is not linked");
    return;
  }
  pending asked{.answer = std::move(answer), .deadline = clock::now() + request_timeout};
  asked.is_begin = std::holds_alternative<begin_command>(x.body);
  asked.is_end = std::holds_alternative<commit_command>(x.body)
                 || std::holds_alternative<rollback_command>(x.body);
  asked.transaction = x.transaction;
  if (x.transaction != 0) {
    auto found = transactions_.find(x.transaction);
    if (found == transactions_.end()) {
      refuse(asked.answer, "the transaction was lost with the link to the database");
      return;
    }
    x.transaction = found->second.there;
  }
  auto id = ++last_id_;
  waiting_.emplace(id, std::move(asked));
  line_.send(id, x);
  watch_deadlines();
}

void remote_repositories::abandon(std::uint64_t id) {
  if (auto found = transactions_.find(id); found != transactions_.end()) {
    line_.abandon(found->second.there);
    transactions_.erase(found);
  }
}

void remote_repositories::answered(std::uint64_t id, store_result x) {
  auto found = waiting_.find(id);
  if (found == waiting_.end()) {
    // Whoever asked has been told that it failed.
    if (x.transaction != 0) {
      line_.abandon(x.transaction);
    }
    return;
  }
  auto asked = std::move(found->second);
  waiting_.erase(found);
  note_transaction(asked, x);
  asked.answer(std::move(x));
}

void remote_repositories::note_transaction(const pending& asked, store_result& x) {
  if (asked.is_begin && !x.error) {
    auto id = asked.transaction != 0 ? asked.transaction : ++last_transaction_;
    auto& open = transactions_[id];
    open.there = x.transaction;
    ++open.depth;
    x.transaction = id;
  } else if (asked.is_end) {
    auto found = transactions_.find(asked.transaction);
    if (found != transactions_.end() && --found->second.depth == 0) {
      transactions_.erase(found);
    }
  }
}

// -- the link -------------------------------------------------------------------------------------

void remote_repositories::linked() { is_linked_ = true; }

void remote_repositories::lost() {
  is_linked_ = false;
  transactions_.clear();
  for (auto& [id, asked] : std::exchange(waiting_, {})) {
    refuse(asked.answer, "the link to the node with the database was lost");
  }
}

void remote_repositories::committed(std::uint64_t version) {
  if (version > version_.load()) {
    version_.store(version);
  }
}

void remote_repositories::watch_deadlines() {
  if (waiting_.empty() || watch_.is_pending()) {
    return;
  }
  watch_ = thread_->after(watch_interval, [this] {
    auto now = clock::now();
    while (!waiting_.empty() && waiting_.begin()->second.deadline <= now) {
      auto late = waiting_.extract(waiting_.begin());
      refuse(late.mapped().answer, "the node with the database did not answer in time");
    }
    watch_deadlines();
  });
}

void remote_repositories::refuse(const answer_function& answer, const char* why) {
  store_result result;
  result.error = store_error{.code = store_errc::unavailable, .text = why};
  answer(std::move(result));
}

} // namespace dcrf::cluster
