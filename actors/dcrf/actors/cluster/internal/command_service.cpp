#include "dcrf/actors/cluster/internal/command_service.hpp"

#include "dcrf/actors/cluster/internal/codec.hpp"
#include "dcrf/actors/sessions/internal/actor_context.hpp"

#include <caf/send.hpp>

#include <utility>

namespace dcrf::cluster {

namespace {

store_result failure(store_error x) {
  store_result result;
  result.error = std::move(x);
  return result;
}

} // namespace

void command_service::lost(const link& with) const {
  for (const auto& [transaction, depth] : with.transactions) {
    roll_back(transaction);
  }
}

void command_service::execute(const link& from, byte_reader& in) const {
  question asked{.asker = from.handle->address()};
  in.number(asked.id);
  command wanted;
  try {
    wanted = read(from, in);
  } catch (const malformed_bytes& error) {
    executed(asked, failure({.code = store_errc::failed, .text = error.what()}));
    return;
  } catch (const store_failure& error) {
    executed(asked, failure(error.error()));
    return;
  }
  asked.kind = effect_of(wanted);
  asked.transaction = wanted.transaction;
  const auto* model = dcrf::detail::model_of_command(wanted);
  const auto& to = model != nullptr ? local_->repository(*model) : local_->repositories().front();
  asker_->request(to, caf::infinite, std::move(wanted))
      .then([this, asked](const store_result& x) { executed(asked, x); },
            [this, asked](const caf::error&) {
              executed({.asker = asked.asker, .id = asked.id},
                       failure({.code = store_errc::unavailable, .text = "the store has stopped"}));
            });
}

command command_service::read(const link& from, byte_reader& in) const {
  if (local_ == nullptr || from.who.fingerprint != self_->fingerprint) {
    throw store_failure(store_errc::unavailable, "this node has not the database asked for");
  }
  auto result = read_command(in, *models_);
  if (result.transaction != 0 && !from.transactions.contains(result.transaction)) {
    throw store_failure(store_errc::no_transaction, "the transaction is not of this node");
  }
  return result;
}

command_service::effect command_service::effect_of(const command& x) {
  if (std::holds_alternative<begin_command>(x.body)) {
    return effect::begins;
  }
  bool is_end = std::holds_alternative<commit_command>(x.body)
                || std::holds_alternative<rollback_command>(x.body);
  return is_end ? effect::ends : effect::none;
}

void command_service::executed(const question& asked, const store_result& x) const {
  auto* from = find_linked(asked.asker);
  note_transaction(from, asked, x);
  if (from == nullptr) {
    return;
  }
  auto out = envelope_of(topic::result);
  out.number(asked.id);
  out.number(version());
  write(out, x);
  links_->send(*from, std::move(out));
}

void command_service::note_transaction(link* from, const question& asked,
                                       const store_result& x) const {
  if (asked.kind == effect::begins && x.transaction != 0) {
    if (from == nullptr) {
      roll_back(x.transaction);
    } else {
      ++from->transactions[x.transaction];
    }
  } else if (asked.kind == effect::ends && from != nullptr) {
    auto ended = from->transactions.find(asked.transaction);
    if (ended != from->transactions.end() && --ended->second == 0) {
      from->transactions.erase(ended);
    }
  }
}

void command_service::abandon(link& from, byte_reader& in) const {
  std::uint64_t transaction = 0;
  in.number(transaction);
  if (from.transactions.erase(transaction) > 0) {
    roll_back(transaction);
  }
}

void command_service::catch_up(const link& from, byte_reader& in) const {
  std::uint64_t number = 0;
  in.number(number);
  catch_up_([this, who = from.handle->address(), number] {
    if (const auto* to = find_linked(who)) {
      auto out = envelope_of(topic::caught_up);
      out.number(number);
      out.number(version());
      links_->send(*to, std::move(out));
    }
  });
}

link* command_service::find_linked(const caf::actor_addr& who) const {
  auto* found = links_->find(who);
  return found != nullptr && found->is_linked ? found : nullptr;
}

// Up to which the changes of this node's own sessions are announced.
std::uint64_t command_service::version() const { return local_ != nullptr ? local_->version() : 0; }

void command_service::roll_back(std::uint64_t transaction) const {
  if (local_ != nullptr && !local_->repositories().empty()) {
    caf::anon_send(local_->repositories().front(), abandon_transaction{transaction});
  }
}

} // namespace dcrf::cluster
