#include "dcrf/actors/cluster/internal/remote_repositories.hpp"

#include "dcrf/actors/threads/internal/pinned.hpp"

#include <caf/send.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <latch>
#include <stdexcept>
#include <string>
#include <utility>

namespace dcrf::cluster {

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

remote_repositories::remote_repositories(io_thread& thread, const schema& models, std::string name,
                                         line to)
    : thread_(&thread),
      models_(&models),
      name_(std::move(name)),
      line_(std::move(to)),
      reason_(fmt::format("node {} is not linked", name_)),
      calls_(thread, [this](const pending& x) {
        refuse(x.answer, fmt::format("node {} did not answer in time", name_));
      }) {
  // They run when they get their first messages, so after what is posted before they are given
  // away.
  for (const auto* model [[maybe_unused]] : models.models()) {
    actors_.push_back(
        caf::actor_cast<repository_actor>(spawn_pinned<front, caf::lazy_init>(thread, *this)));
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
    calls_.stop();
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
    refuse(answer, reason_);
    return;
  }
  pending asked{.answer = std::move(answer)};
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
  auto number = calls_.add(std::move(asked));
  line_.send(number, x);
  if (auto* sent = calls_.find(number)) {
    sent->wanted = shape_of_answer(std::move(x));
  }
}

void remote_repositories::abandon(std::uint64_t id) {
  if (auto found = transactions_.find(id); found != transactions_.end()) {
    line_.abandon(found->second.there);
    transactions_.erase(found);
  }
}

void remote_repositories::answered(std::uint64_t id, store_result x) {
  auto asked = calls_.take(id);
  if (!asked) {
    // Whoever asked has been told that it failed.
    if (x.transaction != 0) {
      line_.abandon(x.transaction);
    }
    return;
  }
  note_transaction(*asked, x);
  if (!has_shape(x, asked->wanted)) {
    // What shows them takes columns by their indexes.
    refuse(asked->answer, fmt::format("node {} has answered with rows of another kind", name_));
    return;
  }
  asked->answer(std::move(x));
}

void remote_repositories::note_transaction(const pending& asked, store_result& x) {
  if (asked.is_begin && x.transaction != 0) {
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

// -- catching up ----------------------------------------------------------------------------------

// Those who come while a question is on its way share the next one.
void remote_repositories::catch_up(std::function<void()> done) {
  thread_->post([this, done = std::move(done)]() mutable {
    followers_.push_back(std::move(done));
    if (asking_.empty()) {
      ask_to_catch_up();
    }
  });
}

void remote_repositories::ask_to_catch_up() {
  asking_ = std::exchange(followers_, {});
  ++last_question_;
  if (is_linked_) {
    line_.catch_up(last_question_);
  } else {
    // Nothing is on its way, and what is missed is told when there is a link again.
    caught_up(last_question_);
  }
}

void remote_repositories::caught_up(std::uint64_t number) {
  if (number != last_question_) {
    return;
  }
  // What has come before the answer arrives before those who wait go on.
  thread_->hand_over();
  for (const auto& done : std::exchange(asking_, {})) {
    done();
  }
  if (!followers_.empty()) {
    ask_to_catch_up();
  }
}

// -- the link -------------------------------------------------------------------------------------

void remote_repositories::linked() { is_linked_ = true; }

void remote_repositories::linked_in_vain() {
  reason_ = fmt::format("node {} has not the database of this node's models", name_);
}

void remote_repositories::lost() {
  is_linked_ = false;
  reason_ = fmt::format("node {} is not linked", name_);
  transactions_.clear();
  for (const auto& asked : calls_.take_all()) {
    refuse(asked.answer, fmt::format("the link to node {} was lost", name_));
  }
  caught_up(last_question_);
}

void remote_repositories::committed(std::uint64_t version) {
  if (version > version_.load()) {
    version_.store(version);
  }
}

void remote_repositories::refuse(const answer_function& answer, std::string why) {
  store_result result;
  result.error = store_error{.code = store_errc::unavailable, .text = std::move(why)};
  answer(std::move(result));
}

} // namespace dcrf::cluster
